"""Run as a program: an organisation with many keys on a loopback port, its answers made beforehand.

Prints its port. The newest 24 closed hours have 1,250 rows each, 30,000 in one answer; everything else is small.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from benches.pages import cost_row, usage_row
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339

HOURS, ROWS_AN_HOUR = 24, 1250
FEW = 3
_MANY = json.dumps([usage_row(number) for number in range(ROWS_AN_HOUR)])
_SOME = json.dumps([usage_row(number) for number in range(FEW)])
_BILLED = json.dumps([cost_row(number) for number in range(24)])


def answer(target: str, newest: datetime) -> bytes:
    """The body for a request; ``newest`` is when the newest closed hour ended."""
    parts = urlsplit(target)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path.endswith("/me"):
        return b'{"id": "org", "name": "Acme"}'
    if "starting_at" not in asked:
        return b'{"data": [], "has_more": false, "last_id": null}'
    window = Window(datetime.fromisoformat(asked["starting_at"]), datetime.fromisoformat(asked["ending_at"]))
    is_bill = parts.path.endswith("cost_report")
    width = BucketWidth.DAY if is_bill else BucketWidth(asked["bucket_width"])
    buckets = []
    for start in list(window.starts(width))[: int(asked["limit"])]:
        rows = _BILLED if is_bill else _SOME
        if width is BucketWidth.HOUR and start >= newest - timedelta(hours=HOURS):
            rows = _MANY
        buckets.append(
            f'{{"starting_at": "{rfc3339(start)}", "ending_at": "{rfc3339(start + width.delta)}", "results": {rows}}}'
        )
    return f'{{"data": [{", ".join(buckets)}], "has_more": false, "next_page": null}}'.encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = answer(self.path, BucketWidth.HOUR.floor(datetime.now(UTC)))
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    """Serve until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

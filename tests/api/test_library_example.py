"""The example of docs/library.md is run as it stands, by another process, against the simulated organisation."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import meterdeck.api
from api.loopback import serving
from meterdeck.domain.buckets import BucketWidth

GUIDE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")


@pytest.fixture
def demo_url() -> Iterator[str]:
    with serving() as url:
        yield url


def test_the_example_runs_as_it_stands(demo_url: str, tmp_path: Path) -> None:
    match = re.search(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert match
    script = tmp_path / "example.py"
    script.write_text(match[1], encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env=kept | {"METERDECK_URL": demo_url, "ANTHROPIC_ADMIN_KEY": "demo"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "organisation: Acme"
    today = BucketWidth.DAY.floor(datetime.now(UTC))
    bills = [line for line in lines if re.fullmatch(r"bill: \d{4}-\d\d-\d\d \d+\.\d\d USD", line)]
    assert len(bills) == 3
    assert str((today - timedelta(days=1)).date()) in bills[-1]
    assert any(line.startswith("tokens: claude-") for line in lines)


def test_every_name_that_the_guide_writes_as_code_of_ours_exists() -> None:
    exported = set(meterdeck.api.__all__)
    named = set(re.findall(r"`([A-Z][A-Za-z]+)(?:\(|`|\.|\[)", GUIDE))
    assert {"Pages", "UsageQuery", "BadPayload"} <= named
    assert named - exported - {"MINUTE", "HOUR", "DAY"} == set()
    methods = set(re.findall(r"^\| `([a-z_]+)\(", GUIDE, re.MULTILINE))
    public = {name for name in vars(meterdeck.api.AdminClient) if not name.startswith("_")} - {"close"}
    assert methods == public


def test_everything_exported_is_there() -> None:
    assert [name for name in meterdeck.api.__all__ if not hasattr(meterdeck.api, name)] == []

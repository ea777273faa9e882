"""One request: sent, capped, and either answered with a body or turned into one of our errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from meterdeck import __version__
from meterdeck.api import body
from meterdeck.api.destinations import check_path
from meterdeck.api.errors import (
    ApiError,
    BadPayload,
    DateRangeRefused,
    KeyRefused,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    TooLarge,
    Unreachable,
)
from meterdeck.api.queries import Parameters
from meterdeck.api.trust import trusted
from meterdeck.api.wire import parse_error
from meterdeck.credentials import Key, KeyUnavailable, is_bearer
from meterdeck.domain.errors import NotAllowed
from meterdeck.domain.secret import Secret
from meterdeck.domain.servers import check_base_url, is_loopback

LARGEST_BODY = 64 * 1024 * 1024
LARGEST_ERROR_BODY = 4096
LONGEST_MESSAGE = 300
LONGEST_RETRY_AFTER_S = 86_400.0
MOST_DIGITS = 9
"""Of a count in a header: more would not fit the store, nor the truth."""
SHORTEST_KEY_CUT_OUT = 16
"""Shorter ones are no real keys, and would be cut out of ordinary words."""
TIMEOUT = httpx.Timeout(connect=10, read=60, write=10, pool=10)
_KEY_CHARACTERS = re.compile(r"[!-~]+")
LONGEST_REQUEST_S = 120.0
"""A server that sends a byte now and then never times out by itself."""
_ORGANIZATION_HEADER = "anthropic-organization-id"
TRUST_ANOTHER = "If a relay or proxy has a certificate authority of its own, name it with ca_bundle."
USER_AGENT = f"meterdeck/{__version__} (https://pypi.org/project/meterdeck/)"


_CutOut = Callable[[str | None], str | None]


class Pacing(Protocol):
    """Who decides when a request may be sent, and hears how it went."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Enter when the next request may go out, leave when its answer was read, or with the error of it."""

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer's rate-limit headers (api-facts 1.4)."""


class Unpaced:
    """Send at once: for the embedded organisation, and for library use with a pace of its own."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Enter at once."""
        return nullcontext()

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        """Take no note."""


class KeyHeaders(httpx.Auth):
    """Puts the credential on a request at the last moment, so that no other code ever holds it.

    A `Key` that was refused with 401 is asked for again, once for each request, and the same request is sent
    again if a new one came: a command gives new tokens for expired ones.
    """

    def __init__(self, key: Secret) -> None:
        _check_characters(key)
        self._key = key
        self._used = [key]
        self._renewing = asyncio.Lock()
        self._belongs_to: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the key as it is."""
        self._sign(request)
        self.check_organization((yield request).headers.get(_ORGANIZATION_HEADER))

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request, and after a 401 once more if there is a new key. A second 401 is final."""
        self.check_organization(self._belongs_to)
        sent = self._key
        self._sign(request)
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and await self._renewed(sent):
            _drop_body(answer)
            self._sign(request)
            answer = yield request
        self.check_organization(answer.headers.get(_ORGANIZATION_HEADER))

    def belongs_to(self, organization: str) -> None:
        """Take note of what `/me` said. After another organisation's word nothing more is asked with this key."""
        self._belongs_to = organization
        self.check_organization(organization)

    def check_organization(self, said: str | None) -> None:
        """Believe nothing that another organisation says: its figures would end in this one's store."""
        wanted = self._key.organization if isinstance(self._key, Key) else None
        if wanted and said and said.lower() != wanted.lower():
            raise KeyRefused(
                f"The key belongs to the organisation {_one_line(self.cut_out(said) or '')[:64]}, "
                f"and these figures to {wanted}.",
                next="Check organization, --org and the key's source: meterdeck config show",
            )

    def cut_out(self, text: str | None) -> str | None:
        """Text of an answer without the credentials, should a server repeat one; None stays None."""
        for key in self._used if text else ():
            if text and len(key.reveal()) >= SHORTEST_KEY_CUT_OUT:
                text = text.replace(key.reveal(), repr(key))
        return text

    def cut_out_of_body(self, content: bytes) -> bytes:
        """The same for a good answer: a name that repeats the credential would be stored, and shown."""
        for key in self._used:
            if len(key.reveal()) >= SHORTEST_KEY_CUT_OUT:
                content = content.replace(key.reveal().encode(), repr(key).encode())
        return content

    def _sign(self, request: httpx.Request) -> None:
        """A static key goes as `x-api-key` and an OAuth token as a bearer, never both (api-facts 1.1)."""
        request.headers.pop("x-api-key", None)
        request.headers.pop("authorization", None)
        if is_bearer(self._key):
            request.headers["authorization"] = f"Bearer {self._key.reveal()}"
        else:
            request.headers["x-api-key"] = self._key.reveal()

    async def _renewed(self, refused: Secret) -> bool:
        """Whether there is another key than the refused one: asked for here, or by a request beside this one."""
        async with self._renewing:
            if self._key is refused and isinstance(refused, Key):
                try:
                    new = await refused.renew()
                except KeyUnavailable as error:
                    raise KeyRefused(
                        f"The key was refused (401), and there is no new one: {error.what}",
                        next=error.next,
                        status=401,
                    ) from None
                if new is not None and new != refused:
                    self._key = new
                    self._used = [*self._used[-1:], new]
            return self._key is not refused


def _check_characters(key: Secret) -> None:
    """Sent all the same, such a key would come back in the words of the HTTP library's refusal."""
    if not _KEY_CHARACTERS.fullmatch(key.reveal()):
        raise NotAllowed(
            "The key holds characters that no key has, such as spaces, line breaks or accents.",
            next="Copy it anew into ANTHROPIC_ADMIN_KEY.",
        )


def _drop_body(answer: httpx.Response) -> None:
    """Nobody reads the body of a refused try; httpx would, however large it is."""
    answer.headers.pop("content-encoding", None)
    answer.stream = _Dropped(answer.stream)


class _Dropped(httpx.AsyncByteStream):
    """Nothing to read, and something to close."""

    def __init__(self, dropped: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        self._dropped = dropped

    async def __aiter__(self) -> AsyncIterator[bytes]:
        return
        yield b""

    async def aclose(self) -> None:
        """Close the connection or give it back."""
        if isinstance(self._dropped, httpx.AsyncByteStream):
            await self._dropped.aclose()


@dataclass(frozen=True, slots=True)
class Body:
    """What a good answer carried."""

    content: bytes
    request_id: str | None


class Transport:
    """Sends GET requests to allowed paths of one server; one per process (making one costs a TLS context)."""

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        ca_bundle: Path | None = None,
        via: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._key = KeyHeaders(key)
        is_tls = via is None and self.base_url.startswith("https:")
        self._http = _client(
            auth=self._key,
            transport=via,
            verify=trusted(ca_bundle) if is_tls else True,
            timeout=TIMEOUT,
            follow_redirects=False,
            # What goes to this machine in plain http must not take the way through a proxy.
            trust_env=not is_loopback(urlsplit(self.base_url).hostname or ""),
            headers={
                "anthropic-version": "2023-06-01",
                "user-agent": USER_AGENT,
                "accept": "application/json",
                "accept-encoding": "gzip",
            },
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def belongs_to(self, organization: str) -> None:
        """Take note of whose key this is; raises `KeyRefused` where it must be another's."""
        self._key.belongs_to(organization)

    async def get(
        self, path: str, parameters: Parameters, *, pacing: Pacing, headers: Mapping[str, str] | None = None
    ) -> Body:
        """Send one request and return its body, at most 64 MiB; raises an `ApiError`."""
        check_path(path)
        async with pacing.turn():
            with _unreachable(self._key.cut_out):
                async with (
                    asyncio.timeout(LONGEST_REQUEST_S),
                    self._http.stream(
                        "GET", self.base_url + path, params=parameters, headers=dict(headers or {})
                    ) as answer,
                ):
                    await pacing.after_answer(answer.status_code, answer.headers)
                    request_id = self._key.cut_out(answer.headers.get("request-id"))
                    if answer.status_code != httpx.codes.OK:
                        raise _error(answer, await _error_body(answer), self._key.cut_out)
                    content = await body.read(answer, LARGEST_BODY + 1)
        if len(content) > LARGEST_BODY:
            raise TooLarge(request_id=request_id)
        return Body(self._key.cut_out_of_body(content), request_id)


@contextmanager
def _unreachable(cut_out: _CutOut) -> Iterator[None]:
    """Say in our own error that no answer came, and whether the request can have been sent."""
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError, TimeoutError, OSError) as error:
        in_time = not isinstance(error, httpx.TimeoutException | TimeoutError)
        reason = f"can't be reached: {cut_out(_words_of(error))}" if in_time else "did not answer in time"
        is_untrusted = "CERTIFICATE_VERIFY_FAILED" in reason
        said = Unreachable(
            f"The API {reason}.", next=TRUST_ANOTHER if is_untrusted else "Check the network or proxy."
        )
        said.was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        raise said from None


def _words_of(error: Exception) -> str:
    """What the HTTP library says, but where it quotes the answer: a relay can put the key into any line of it."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection broke, or what came is not HTTP"
    return str(error) or type(error).__name__


def _client(**options: Any) -> httpx.AsyncClient:
    """Make the client; raises `NotAllowed` where the environment names a proxy of a kind that it can't use."""
    try:
        return httpx.AsyncClient(**options)
    except (ValueError, ImportError, httpx.InvalidURL):
        # Its own words are not repeated: a proxy's address can hold a password.
        raise NotAllowed(
            "The proxy that the environment names can't be used.",
            next="HTTPS_PROXY and ALL_PROXY must begin with http:// or https://.",
        ) from None


async def _error_body(answer: httpx.Response) -> bytes:
    """What is said with an error; nothing where it can't be unpacked: the status says enough."""
    try:
        return await body.read(answer, LARGEST_ERROR_BODY)
    except (BadPayload, httpx.DecodingError):
        return b""


def _error(answer: httpx.Response, said: bytes, cut_out: _CutOut) -> ApiError:
    """Map a status to an error, with the facts of its envelope (api-facts 1.3), read first and then cut."""
    status = answer.status_code
    error_type, message, request_id = map(cut_out, parse_error(said))
    reason = _one_line(message or f"no reason given ({error_type or 'not the API itself'})")[:LONGEST_MESSAGE]
    error_class, what, next_step = _classify(status, reason)
    return error_class(
        f"{what} ({status}: {reason}).",
        next=next_step,
        status=status,
        error_type=error_type,
        message=message,
        request_id=request_id or cut_out(answer.headers.get("request-id")),
        retry_after=retry_after(answer.headers),
    )


_KEY_REFUSED = (
    KeyRefused,
    "The key was refused",
    "The reports need an Admin key (sk-ant-admin…) of a Console organisation; `meterdeck config show` says where this one came from.",
)
_BY_STATUS: Mapping[int, tuple[type[ApiError], str, str]] = {
    401: _KEY_REFUSED,
    402: (
        PaymentRequired,
        "The API asks the organisation to pay first",
        "An admin settles its billing in the Console (payment method, credit, plan): the key and meterdeck are fine.",
    ),
    403: _KEY_REFUSED,
    429: (
        RateLimited,
        "Too many requests for this organisation",
        "Another tool may be spending the same budget.",
    ),
}


def _classify(status: int, said: str) -> tuple[type[ApiError], str, str]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 400 and "invalid date range" in said.lower():
        return DateRangeRefused, "The API refused the date range", ""
    if 400 <= status < 500:
        return RequestRefused, "The API refused the request", "Please report this."
    if status >= 500:
        return ServerFailed, "The API failed", "It is on the API's side; see its status page if it goes on."
    return ServerFailed, "The server answered with a redirect or an unknown status", "Check the base URL."


def _one_line(text: str) -> str:
    """Words from outside, without line breaks or anything else that a terminal would act on."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait, at most a day; None where it does not ask (api-facts 1.4)."""
    text = headers.get("retry-after", "")
    return min(float(text), LONGEST_RETRY_AFTER_S) if text.isascii() and text.isdigit() else None


def count_of(headers: Mapping[str, str], name: str) -> int | None:
    """A count that a header tells; None where it is no number, or one that no count of requests can be."""
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None

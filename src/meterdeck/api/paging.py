"""Following pages to their end: tokens, cursors, and the order of a report's buckets. Nothing is believed unchecked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, NamedTuple, Self, TypeVar

from meterdeck.api.errors import BadPayload
from meterdeck.api.queries import Parameters
from meterdeck.api.transport import Body
from meterdeck.api.wire import Bucket
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.remarks import Remark, joined

MOST_PAGES = 1000
LONGEST_TOKEN = 8192

Content = TypeVar("Content")


class Page(NamedTuple, Generic[Content]):
    """A page of a report as somebody read it: its buckets in whatever form, where they lie, and how to go on."""

    content: Content
    windows: Sequence[Window]
    has_more: bool
    next_page: str | None
    remarks: tuple[Remark, ...] = ()
    """What was odd about it and read all the same."""


Digest = Callable[[bytes], Awaitable[Page[Content]]]
"""Reads the body of a page; raises `BadPayload`."""


class PagesOf(Generic[Content]):
    """The pages of one query, in order, each in the form that its ``digest`` gives it: an async iterator.

    An error leaves it where it was: after a passing one (`RateLimited`, `ServerFailed`, `Unreachable`) it can be
    iterated further, and asks for the page that failed again.
    """

    def __init__(
        self,
        ask: Callable[[Parameters], Awaitable[Body]],
        digest: Digest[Content],
        parameters: Parameters,
        window: Window,
        width: BucketWidth | None = None,
    ) -> None:
        self._ask = ask
        self._digest = digest
        self._trail = Trail(parameters, "page")
        self._window = window
        self._width = width
        self._read_until = window.start
        self.remarks: tuple[Remark, ...] = ()
        """What was odd about the pages so far and read all the same, each oddity once."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Content:
        if not self._trail.more:
            raise StopAsyncIteration
        body = await self._ask(self._trail.parameters)
        with naming(body.request_id):
            page = await self._digest(body.content)
            read_until = self._check(page.windows)
            self._trail.follow(has_more=page.has_more, token=page.next_page)
        self._read_until = read_until
        self.remarks = joined([*self.remarks, *page.remarks])
        return page.content

    def _check(self, windows: Sequence[Window]) -> datetime:
        """Return where the page ends. Buckets must ascend, not overlap, and be what was asked for."""
        read_until = self._read_until
        for window in windows:
            place = f"the bucket {window.start:%Y-%m-%dT%H:%M:%SZ}"
            if window.start < read_until or window.end > self._window.end:
                raise BadPayload(place, "out of order or outside the question")
            if self._width and not self._width.is_bucket(window):
                raise BadPayload(place, f"not {self._width.value} wide and aligned")
            read_until = window.end
        return read_until


class Pages(PagesOf[tuple[Bucket, ...]], Generic[Bucket]):
    """The pages of one query, in order: an async iterator of tuples of buckets, oldest first.

    An error leaves it where it was: after a passing one (`RateLimited`, `ServerFailed`, `Unreachable`) it can be
    iterated further, and asks for the page that failed again.
    """


class Trail:
    """Follows page tokens or id cursors; a missing or repeated one is an error, not an end (api-facts 2.4)."""

    def __init__(self, parameters: Parameters, by: str) -> None:
        self.more = True
        self._parameters = parameters
        self._by = by
        self._token: str | None = None
        self._seen: set[str] = set()

    @property
    def parameters(self) -> Parameters:
        """The query of the next page: the same parameters and the token."""
        return self._parameters if self._token is None else [*self._parameters, (self._by, self._token)]

    def follow(self, *, has_more: bool, token: str | None) -> None:
        """Take a page's word on how to go on."""
        if has_more:
            if not token:
                raise BadPayload("next_page", "more pages are promised, but no way to them is given")
            if token in self._seen:
                raise BadPayload("next_page", "the same page is given again")
            if len(self._seen) >= MOST_PAGES:
                raise BadPayload("next_page", f"more than {MOST_PAGES} pages")
            if len(token) > LONGEST_TOKEN:
                raise BadPayload("next_page", f"a token longer than {LONGEST_TOKEN} characters")
            self._seen.add(token)
            self._token = token
        self.more = has_more


@contextmanager
def naming(request_id: str | None) -> Iterator[None]:
    """Give a `BadPayload` the id of the request that it came from."""
    try:
        yield
    except BadPayload as error:
        raise BadPayload(error.place, error.reason, request_id=request_id) from None

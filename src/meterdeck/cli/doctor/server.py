"""What only the server can tell: the key, the clock, both reports, how fresh they are, the budget, the directory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from meterdeck.api import (
    AdminClient,
    ApiError,
    BadPayload,
    BucketWidth,
    CostBucket,
    CostQuery,
    DateRangeRefused,
    KeyRefused,
    Organization,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    UsageBucket,
    UsageQuery,
    Window,
)
from meterdeck.cli.doctor import here
from meterdeck.cli.doctor.asking import Asker, MorePages, Unasked
from meterdeck.cli.doctor.verdicts import Check, Verdict, broken, fail, ok, skipped, warn
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store.budget import BudgetState

SERVER, CLOCK, USAGE, COST = "server", "clock", "usage report", "cost report"
FRESHNESS, BUDGET, DIRECTORY = "freshness", "budget", "directory"
ONLINE = (SERVER, CLOCK, USAGE, COST, FRESHNESS, BUDGET, DIRECTORY)
SKEW_WARNS, SKEW_FAILS = timedelta(minutes=2), timedelta(minutes=10)
FRESH = timedelta(minutes=10)
"""Twice the delay that is normal (api-facts 5)."""
FEW_LEFT = 6

_REFUSED = {
    here.ADMIN: "It is mistyped, revoked or expired, or of another organisation's server.",
    here.BEARER: "The token has most likely expired: get a new one, with the org:admin scope.",
    here.UNKNOWN: "If it is an Admin key it was not copied whole; if it is an OAuth token it has most likely expired: get"
    " a new one, with the org:admin scope.",
    here.ENTERPRISE: "A Claude Enterprise key can't read these reports.",
    here.ORDINARY: "An ordinary key that is bound to a workspace is always refused.",
}
_GET_ONE = (
    "An admin of the organisation makes an Admin key (sk-ant-admin…) in the Console; an individual account has no"
    " Admin API: it needs an organisation."
)


async def guarded(name: str, check: Callable[[], Awaitable[Check]]) -> Check:
    """Run a check; what stops it becomes its verdict."""
    try:
        return await check()
    except Unasked as reason:
        return skipped(name, f"not asked: {reason}")
    except MeterdeckError as error:
        return failed(name, error)


def failed(name: str, error: MeterdeckError, kind: str = here.ADMIN) -> Check:
    """What a failed request means."""
    request = f" Request id: {error.request_id}." if isinstance(error, ApiError) and error.request_id else ""
    says = error.what + request
    if isinstance(error, RateLimited):
        return warn(name, says, f"{error.next} Wait, and look again.")
    if isinstance(error, KeyRefused) and error.status == 401:
        return fail(name, says, f"{_REFUSED[kind]} {_GET_ONE}")
    if isinstance(error, KeyRefused) and error.status == 403:
        return fail(
            name, says, "The key is real and lacks the right to read this: use an Admin key, or ask an admin."
        )
    return fail(name, says, error.next)


class Checks:
    """The checks of one server, in the order of what they need from each other."""

    def __init__(self, asker: Asker, client: AdminClient, now: datetime, kind: str) -> None:
        self._asker = asker
        self._client = client
        self._now = now
        self._kind = kind
        self.organization: Organization | None = None
        """Whose key this is; None until the server has said."""
        self._hour: tuple[UsageBucket, ...] | None = None
        self._no_hour = "the usage report could not be read"

    async def server(self) -> Check:
        """Whether it is reached, and the key accepted."""
        try:
            organization = await self._asker.ask(lambda pacing: self._client.organization(pacing=pacing))
        except (BadPayload, PaymentRequired, RequestRefused, ServerFailed) as error:
            return failed(SERVER, error)  # the reports may work all the same
        except ApiError as error:
            unauthorized = isinstance(error, KeyRefused) and error.status != 403
            if unauthorized or not isinstance(error, KeyRefused):
                why = "the key was refused" if unauthorized else "the server was not reached"
                self._asker.blocked = self._asker.blocked or why
            return failed(SERVER, error, self._kind)
        self.organization = organization
        return ok(SERVER, f"reached, and the key is accepted: organisation {organization.name}")

    async def usage(self) -> Check:
        """Whether the usage report can be read: the last hour's minutes."""
        end = BucketWidth.MINUTE.after(self._now)
        query = UsageQuery(Window(end - timedelta(hours=1), end), BucketWidth.MINUTE, (), limit=60)
        try:
            self._hour = await self._asker.ask(lambda pacing: self._client.usage(query, pacing=pacing))
        except MorePages:
            self._no_hour = "the hour's minutes came in several pages, and one is asked for"
            return ok(USAGE, "answered, in several pages")
        return ok(USAGE, f"answered: {len(self._hour)} minutes of the last hour")

    async def cost(self) -> Check:
        """Whether the cost report can be read: two days, today among them where the API has it."""
        tomorrow = BucketWidth.DAY.after(self._now)
        try:
            try:
                return ok(COST, await self._bill(tomorrow))
            except DateRangeRefused:
                said = await self._bill(tomorrow - BucketWidth.DAY.delta)
                return ok(COST, f"{said}; the API has no bill of today yet")
        except MorePages:
            return ok(COST, "answered, in several pages")

    async def _bill(self, end: datetime) -> str:
        query = CostQuery(Window(end - timedelta(days=2), end), limit=2)
        days: tuple[CostBucket, ...] = await self._asker.ask(
            lambda pacing: self._client.costs(query, pacing=pacing)
        )
        lines = sum(len(day.rows) for day in days)
        return f"answered: {_count(len(days), 'day')}, {_count(lines, 'line')}"

    async def directory(self) -> Check:
        """Whether workspaces and keys have names."""
        broken: list[BadPayload] = []
        told = broken.append
        try:
            spaces = await self._counted(
                "workspace", lambda pacing: self._client.workspaces(pacing=pacing, on_broken=told)
            )
            keys = await self._counted(
                "API key", lambda pacing: self._client.api_keys(pacing=pacing, on_broken=told)
            )
        except ApiError as error:
            found = failed(DIRECTORY, error)
            hint = f"Figures are right without it, under ids for names. {found.hint}".rstrip()
            return Check(DIRECTORY, Verdict.WARN, found.says, hint)
        if broken:
            first = f"{broken[0].place}: {broken[0].reason}"
            return warn(
                DIRECTORY,
                f"{spaces}, {keys}; {len(broken)} of them can't be read ({first})",
                "Figures are right without them, under ids for names.",
            )
        return ok(DIRECTORY, f"readable: {spaces}, {keys}")

    async def _counted(self, thing: str, read: Callable[..., Awaitable[tuple[object, ...]]]) -> str:
        try:
            return _count(len(await self._asker.ask(read)), thing)
        except MorePages:
            return f"more than a page of {thing}s"

    def freshness(self) -> Check:
        """How old the newest minute with tokens is."""
        if self._hour is None:
            return skipped(FRESHNESS, self._no_hour)
        used = [bucket.window.end for bucket in self._hour if any(row.tokens.total for row in bucket.rows)]
        hint = "Reports are normally 5 minutes behind. Where nobody used the API, nothing is wrong."
        if not used:
            return warn(FRESHNESS, "no tokens in the last hour", hint)
        age = max(timedelta(), self._now - max(used))
        says = f"the newest minute with tokens ended {_age(age)} ago"
        return ok(FRESHNESS, says) if age <= FRESH else warn(FRESHNESS, says, hint)

    def clock(self) -> Check:
        """Whether this machine and the server agree on the time."""
        skew = self._asker.listener.skew
        if skew is None:
            if not self._asker.listener.requests or self._asker.blocked:
                return skipped(CLOCK, "no answer told the server's time")
            return warn(
                CLOCK, "the answers do not tell the server's time", "Compare this clock with another."
            )
        says = (
            f"this machine is {_age(abs(skew))} {'ahead of' if skew > timedelta() else 'behind'} the server"
        )
        hint = (
            "Set the clock from the network (timedatectl set-ntp true): wrong hours are asked for otherwise."
        )
        if abs(skew) > SKEW_FAILS:
            return fail(CLOCK, says, hint)
        return warn(CLOCK, says, hint) if abs(skew) > SKEW_WARNS else ok(CLOCK, says)

    def budget(self, spent: BudgetState) -> Check:
        """How many requests are left of the hour, by our count and by the server's."""
        left = spent.hourly - spent.used
        says = f"{spent.used} of {spent.hourly} requests of the last hour are used"
        told = _told(self._asker.listener.headers)
        if told is not None:
            left = min(left, told[0])
            says += f"; the server says {told[0]} of {told[1]} are left"
        if self._asker.had_no_place:
            return warn(BUDGET, f"{says}; there was no place for a request", "Wait, and look again.")
        if left < FEW_LEFT:
            hint = "Fewer sessions, or fewer tools on this organisation, leave more; see requests_per_hour."
            return warn(BUDGET, says, hint)
        return ok(BUDGET, says)


def cannot_connect(error: Exception) -> Check:
    """The client could not even be made: a bad proxy variable, a missing certificate file."""
    if isinstance(error, MeterdeckError):
        return broken(SERVER, error)
    hint = "Check SSL_CERT_FILE, SSL_CERT_DIR and the proxy variables."
    return fail(SERVER, f"The connection can't be prepared ({type(error).__name__}).", hint)


def _told(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """What remains, of how many, as the server says."""
    texts = [headers.get(f"anthropic-ratelimit-requests-{name}", "") for name in ("remaining", "limit")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in texts):
        return None
    return int(texts[0]), int(texts[1])


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"

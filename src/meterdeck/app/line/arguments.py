"""What an argument says: members, a dimension, a length, a moment. Each refuses with a sentence that says what works."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from meterdeck.app.line.words import pieces
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension, plain_name
from meterdeck.domain.errors import UsageError
from meterdeck.domain.history import LONGEST_HISTORY_DAYS
from meterdeck.domain.local_days import day_within
from meterdeck.domain.models import models_called
from meterdeck.domain.scope import Span
from meterdeck.present.members import label, labels
from meterdeck.present.names import clean
from meterdeck.present.times import clock
from meterdeck.queries.calling import NULL
from meterdeck.queries.finding import NAMED
from meterdeck.queries.names import Member, UnknownName

ALL = "all"
_MOST_NAMED = 6
"""So many names fit in a sentence."""
_SPANS = {
    **{span.value: span for span in Span},
    "hour": Span.HOUR, "1d": Span.DAY, "day": Span.DAY, "week": Span.WEEK, "1w": Span.WEEK,
}  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ]+(\d{1,2}:\d\d))?\s*([Zz])?", re.ASCII)
_FORMS = "write 14:05, 2026-11-20 or 2026-11-20 14:05"


def members(dimension: Dimension, text: str, known: Iterable[Member]) -> frozenset[str | None]:
    """The ids of names that commas separate; none for ``all``. Part of a name is enough where it has one meaning.

    The name of a family of models (``sonnet``) stands for all of them.
    """
    named = labels(dimension, known)
    whole = _exactly(dimension, text, named)  # a name may hold a comma
    if len(whole) == 1:
        return frozenset(whole)
    if text.strip().casefold() == ALL:
        return frozenset()
    meant = _models if dimension is Dimension.MODEL else _one
    return frozenset().union(*(meant(dimension, piece, named) for piece in pieces(text)))


def _models(dimension: Dimension, word: str, named: Mapping[Member, str]) -> frozenset[str | None]:
    """As `--model` finds them; one that is shown by a label of its own is found by that too."""
    whole = _exactly(dimension, word, named)
    if len(whole) == 1:
        return frozenset(whole)
    try:
        return frozenset(models_called(word, [member.id for member in named if member.id is not None]))
    except UsageError as error:
        raise UsageError(clean(error.what), next=clean(error.next)) from None


def _exactly(dimension: Dimension, word: str, named: Mapping[Member, str]) -> list[str | None]:
    """Whom a word means by an id, by ``null`` for the one without, or by the whole of what it is called."""
    typed = word.strip()
    without_id = typed == NULL
    by_id = [
        m.id for m in named if (m.id is None and without_id) or (m.id or "").casefold() == typed.casefold()
    ]
    if by_id:
        return by_id
    wanted = clean(word)
    called = {
        member.id: {shown, label(dimension, member), clean(member.name)} for member, shown in named.items()
    }
    found = [of for of, words in called.items() if wanted.casefold() in {each.casefold() for each in words}]
    exact = [of for of in found if wanted in called[of]]
    return found if None in found else exact or found


def _one(dimension: Dimension, word: str, named: Mapping[Member, str]) -> frozenset[str | None]:
    found = _exactly(dimension, word, named) or [
        member.id for member, shown in named.items() if word.casefold() in shown.casefold()
    ]
    if len(found) == 1:
        return frozenset(found)
    kind = dimension.title
    if found:
        names = _some([shown for member, shown in named.items() if member.id in found])
        raise UsageError(f"{word!r} could be {len(found)} {kind}s: {names}. Write more of it.")
    unknown = UnknownName if dimension in NAMED else UsageError
    raise unknown(f"There is no {kind} {word!r}. {_known(word, list(named.values()), f'{kind}s')}")


def dimension(text: str, known: Sequence[Dimension]) -> Dimension:
    """A dimension by any of its names, by how its word or title begins, or by how a word in it does (``key``)."""
    wanted, named = plain_name(text), Dimension.called(text)
    if named is not None and named in known:
        return named
    words = [(name, each) for each in known for name in (each.word, plain_name(each.title))]
    found = {each for name, each in words if name.startswith(wanted)} or {
        each for name, each in words if f"_{wanted}" in name
    }
    if len(found) == 1:
        return found.pop()
    if found:
        names = " or ".join(each.word for each in known if each in found)
        raise UsageError(f"{text!r} could be {names}. Write more of it.")
    names = ", ".join(each.word for each in known)
    raise UsageError(f"Nothing can be split by {text!r}. What can: {names}.")


def span(text: str) -> Span:
    """A length of time."""
    found = _SPANS.get(text.replace(" ", "").casefold())
    if found is None:
        raise UsageError(f"There is no time {text!r}. There are {', '.join(span.value for span in Span)}.")
    return found


def moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """A time of day, today's or yesterday's, or a date with or without one; of the zone unless it ends in Z."""
    return _moment(text, now, zone)[0]


def bucket(text: str, now: datetime, zone: tzinfo) -> Window:
    """The hour of a moment; the zone's day of a date."""
    found, is_day = _moment(text, now, zone)
    if is_day:
        return day_within(found + timedelta(hours=12), zone)
    start = BucketWidth.HOUR.floor(found)
    return Window(start, start + BucketWidth.HOUR.delta)


def word(text: str, known: Iterable[str], kind: str) -> str:
    """One of some words, or how it alone begins."""
    words = list(known)
    wanted = text.strip()
    found = [each for each in words if each == wanted] or [
        each for each in words if each.casefold().startswith(wanted.casefold())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{wanted!r} could be {_some(found)}. Write more of it.")
    raise UsageError(f"There is no {kind} {wanted!r}. {_known(wanted, words, f'{kind}s')}")


def _moment(text: str, now: datetime, zone: tzinfo) -> tuple[datetime, bool]:
    """The moment in UTC, and whether it is a date alone."""
    text = text.strip()
    is_utc = text[-1:] in {"Z", "z"}
    of_zone = UTC if is_utc else zone
    try:
        if of_day := _CLOCK.fullmatch(text.rstrip("Zz").rstrip()):
            found, is_day = _last_at(time(int(of_day[1]), int(of_day[2])), now, of_zone), False
        elif written := _DATE.fullmatch(text):
            hours, minutes = (written[2] or "0:0").split(":")
            local = datetime.combine(date.fromisoformat(written[1]), time(int(hours), int(minutes)), of_zone)
            found, is_day = local.astimezone(UTC), written[2] is None
        else:
            raise UsageError(f"{text!r} is no time: {_FORMS}.")
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time that there is: {_FORMS}.") from None
    if found > now:
        raise UsageError(f"{text} lies ahead: it is {clock(now, zone)} now.")
    if found < now - timedelta(days=LONGEST_HISTORY_DAYS):
        raise UsageError(f"{text} is too long ago: hours are kept for {LONGEST_HISTORY_DAYS} days.")
    return found, is_day


def _last_at(of_day: time, now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    at = datetime.combine(today, of_day, zone).astimezone(UTC)
    return at if at <= now else datetime.combine(today - timedelta(days=1), of_day, zone).astimezone(UTC)


def _known(wanted: str, names: Sequence[str], kinds: str) -> str:
    near = difflib.get_close_matches(wanted, names, n=3)
    if near:
        return f"Near: {', '.join(near)}."
    return f"Known {kinds}: {_some(names)}." if names else f"No {kinds} are known."


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")

"""The root of the error family: every failure says what happened, what still works, and what to do next."""

from __future__ import annotations

NO_CONNECTION = "no connection"
"""The few words of a status line that mean that there is no network, rather than that somebody refused."""


class MeterdeckError(Exception):
    """A failure that a user may see.

    ``what`` happened, what ``still`` works, and what to do ``next`` are sentences without line breaks or
    secrets; ``str()`` joins the ones that are set.
    """

    def __init__(self, what: str, *, still: str = "", next: str = "") -> None:  # noqa: A002 - reads as a sentence
        self.what = what
        self.still = still
        self.next = next
        super().__init__(" ".join(part for part in (what, still, next) if part))

    def __reduce__(self) -> tuple[object, ...]:
        """Cross to another process as it is, without its constructor, whose arguments `args` does not hold."""
        return _remade, (type(self), self.args), vars(self)


def _remade(kind: type[MeterdeckError], arguments: tuple[object, ...]) -> MeterdeckError:
    return kind.__new__(kind, *arguments)


class UsageError(MeterdeckError):
    """The user asked for something that can't be: an unknown name, an ambiguous one, a bad combination."""


class NotAllowed(UsageError):
    """We refuse to send this: a path off the allow-list, plain http off loopback, a bad parameter."""

"""The root of the error family: every failure says what happened, what still works, and what to do next."""


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


class UsageError(MeterdeckError):
    """The user asked for something that can't be: an unknown name, an ambiguous one, a bad combination."""

"""What the members of the directory are called: names as they are shown, and what tells those of one name apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from meterdeck.domain.text import ELLIPSIS, clean

NULL = "null"
"""Always means the member without an id, as in reports; who is called so is given by the id."""
_SHORTEST_END = 4
_OUR_WORDS = frozenset(
    {"default", "console", "not allocated", "not tokens", "other", "others", "total", NULL}
)
"""What rows and columns of our own are called: a member of such a name must not be taken for one of them."""


class Called:
    """The names of one dimension. ``null_word`` is what the member without an id is called (``default``)."""

    def __init__(
        self, names: Mapping[str, str], null_word: str, hints: Mapping[str, str | None] | None = None
    ) -> None:
        self.names = {member_id: clean(name) or clean(member_id) for member_id, name in names.items()}
        """As they are shown, by id; an empty name is the id."""
        self._null_word = null_word
        self.ends = _ends(self.names, hints or {})
        """What stands behind a name that is not its member's alone; None is the member without an id."""
        if any(name.casefold() == null_word for name in self.names.values()):
            self.ends[None] = NULL

    @property
    def labels(self) -> list[str]:
        """What each of them is called, in the order of the alphabet."""
        return sorted(map(self._label, self.names), key=str.casefold)

    def meant_by(self, typed: str) -> list[str | None]:
        """Whom a name means, in any case and with or without blanks around it; several share some names."""
        if typed in self.names:
            return [typed]
        if typed == NULL:
            return [None]
        wanted = clean(typed)
        folded = wanted.casefold()
        named: list[str | None] = [of for of, name in self.names.items() if name.casefold() == folded]
        if folded == self._null_word:
            return [None, *named]
        exact = [of for of in named if of is not None and self.names[of] == wanted]
        return [*exact] or named or [of for of in self.ends if self._label(of).casefold() == folded]

    def _label(self, member_id: str | None) -> str:
        name = self._null_word if member_id is None else self.names[member_id]
        end = self.ends.get(member_id)
        return name if end is None else told_apart(name, end)


def told_apart(name: str, end: str) -> str:
    """``prod-chat …7Kq2``: a name that several share, and the end of the id."""
    return f"{name} {ELLIPSIS}{end}"


def _ends(names: Mapping[str, str], hints: Mapping[str, str | None]) -> dict[str | None, str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for member_id, name in names.items():
        groups[name].append(member_id)
    ends: dict[str | None, str] = {}
    for name, sharing in groups.items():
        is_anothers_id = name in names and sharing != [name]
        if len(sharing) > 1 or is_anothers_id or name.casefold() in _OUR_WORDS:
            ends |= _distinct(sharing, hints)
    return ends


def _distinct(sharing: Iterable[str], hints: Mapping[str, str | None]) -> dict[str | None, str]:
    """The ends of hints where those differ, else as much of the ids' ends as differs."""
    members = list(sharing)
    ends = [clean(hints.get(of) or of)[-_SHORTEST_END:] for of in members]
    length, longest = _SHORTEST_END, max(map(len, members))
    while len(set(ends)) < len(members) and length <= longest:
        ends = [clean(of)[-length:] for of in members]
        length += 1
    found: dict[str | None, str] = dict(zip(members, ends, strict=True))
    return found

"""A secret: a string that no repr, log, traceback or format call can show."""


class Secret:
    """Holds a credential and shows ``Secret(…)`` wherever it is printed; `reveal` is for the request alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The credential itself. Never keep the result in a local variable: a crash report could show it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        msg = "a secret is never pickled"
        raise TypeError(msg)

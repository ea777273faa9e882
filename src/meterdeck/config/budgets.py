"""The budgets of the configuration: a list of tables, each an owner and its amounts, checked line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from meterdeck.config import settings
from meterdeck.config.document import Document, Names
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError

SETTING = "budgets"

_OWNERS = {dimension.word: dimension for dimension in (Dimension.WORKSPACE, Dimension.MODEL)}
_NAMES_OF_OWNERS = {name: dimension.word for dimension in _OWNERS.values() for name in dimension.names}
_AMOUNTS = {period.setting: period for period in Period}
_USD = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)


def checked(document: Document, value: object, above: Names) -> tuple[tuple[Budget, str], ...]:
    """Each budget with the place of its amount; raises `UsageError` with file, line and reason."""
    here = (*above, SETTING)
    if type(value) is not list or not all(type(table) is dict for table in value):
        raise UsageError(f"{document.at(here)}: {SETTING} must be tables, such as [[{'.'.join(here)}]].")
    found: dict[tuple[Period, str | None, str | None], tuple[Budget, str]] = {}
    for number, table in enumerate(value):
        for budget, place in _of_table(document, table, (*here, str(number))):
            key = budget.period, budget.dimension and budget.dimension.word, budget.member
            if key in found:
                raise UsageError(
                    f"{place}: {budget.period.setting} is one too many: this budget was set before,"
                    f" at {found[key][1]}."
                )
            found[key] = budget, place
    return tuple(found.values())


def _of_table(document: Document, table: Mapping[str, Any], here: Names) -> Iterator[tuple[Budget, str]]:
    owners: dict[str, str] = {}
    amounts: dict[str, Decimal] = {}
    for written, value in table.items():
        place = document.at((*here, written))
        name = _NAMES_OF_OWNERS.get(written, written)
        if name not in _OWNERS and name not in _AMOUNTS:
            raise settings.unknown(place, name, (*_OWNERS, *_AMOUNTS))
        if name in owners:
            raise UsageError(f"{place}: {written} is one too many: this budget's {name} was set before.")
        try:
            if name in _OWNERS:
                owners[name] = settings.text(value)
            else:
                amounts[name] = usd(value)
        except ValueError as error:
            raise UsageError(f"{place}: {name} {error}.") from None
    if len(owners) > 1:
        raise UsageError(f"{document.at(here)}: a budget is a workspace's or a model's, not both.")
    if not amounts:
        raise UsageError(f"{document.at(here)}: a budget needs an amount: {', '.join(_AMOUNTS)}.")
    word, member = next(iter(owners.items()), (None, None))
    for name, amount in amounts.items():
        owner = None if word is None else _OWNERS[word]
        yield Budget(amount, _AMOUNTS[name], owner, member), document.at((*here, name))


def usd(value: object) -> Decimal:
    """An amount of dollars, exact: decimal text or a whole number. Raises `ValueError` with the reason.

    TOML's numbers with a point are binary, so 0.1 would not be what was written.
    """
    if type(value) is float:
        raise ValueError(
            'must stand in quotes, such as "1500.50": a number with a point is binary, and not exact'
        )
    written = str(value) if type(value) is int else settings.text(value)
    if not _USD.fullmatch(written):
        raise ValueError(
            'must be dollars, such as "200000" or "1500.50": digits, and at most six after the point'
        )
    amount = Decimal(written)
    if not amount:
        raise ValueError("must be more than 0")
    return amount

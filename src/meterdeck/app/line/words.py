"""The line as text: a word, and behind it an argument that may be a list; names may hold spaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """An argument that could be meant, and what there is to say about it."""

    text: str
    about: str = ""


def split(line: str) -> tuple[str, str]:
    """The command's word, and the argument as it stands."""
    word, _, argument = line.lstrip().removeprefix(":").partition(" ")
    return word, argument.lstrip()


def pieces(argument: str) -> list[str]:
    """The members of a list, which commas separate."""
    return [piece.strip() for piece in argument.split(",") if piece.strip()]


def last_piece(argument: str) -> str:
    """What is being typed just now: what stands behind the last comma."""
    return argument.rpartition(",")[2].strip()


def with_last_piece(argument: str, piece: str) -> str:
    """The argument with another last member."""
    before, comma, _ = argument.rpartition(",")
    return f"{before}{comma} {piece}" if comma else piece


def narrowed(offers: Iterable[Offer], typed: str) -> list[Offer]:
    """The offers that hold what was typed; those that begin with it first."""
    word = typed.casefold()
    held = [offer for offer in offers if word in offer.text.casefold()]
    return sorted(held, key=lambda offer: not offer.text.casefold().startswith(word))

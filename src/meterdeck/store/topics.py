"""What a change is about: each topic has a revision of its own, so that only what rests on it is read again."""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """A kind of change that a screen could show."""

    USAGE = "usage"
    """Tokens of some bucket differ from what was known."""
    COSTS = "costs"
    """A line of the bill differs from what was known."""
    ALLOCATION = "allocation"
    """A settled day's bill was shared out, or is no longer."""
    MIX = "mix"
    """Where or how fast some tokens ran differs from what was known."""
    ANSWERS = "answers"
    """Somebody waits for the answer to a question, or has it."""
    COVERAGE = "coverage"
    """Something was read, whether it differs or not."""
    DIRECTORY = "directory"
    FEEDS = "feeds"
    """A feed read well again, or failed."""
    MARKS = "marks"

"""Marks in the store: kept, found by their window, told to every session."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import Window
from meterdeck.store import Store, marks
from meterdeck.store.topics import Topic

AT = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def test_a_window_has_its_own_marks_oldest_first(store: Store) -> None:
    with store.write() as transaction:
        later = marks.add(transaction, AT + timedelta(hours=1), "later")
        first = marks.add(transaction, AT, "first")
        assert marks.load(transaction) == [first, later]
        assert marks.load(transaction, Window(AT, later.at)) == [first]
        assert marks.remove(transaction, first.id) == first
        assert marks.remove(transaction, first.id) is None
        assert marks.load(transaction) == [later]


def test_every_change_is_one_that_a_screen_could_show(store: Store) -> None:
    with store.write() as transaction:
        added = marks.add(transaction, AT, "launch")
        assert transaction.revisions()[Topic.MARKS] == 1
        marks.remove(transaction, added.id)
        assert transaction.revisions()[Topic.MARKS] == 2

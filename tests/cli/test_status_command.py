"""`meterdeck status`: one line from what was kept, with its age, its state in a word, and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cli.commands import SATURDAY, Ended
from cli.conftest import Clock
from cli.test_starting_light import loaded
from meterdeck import paths
from meterdeck.domain.dollars import Dollars, Evidence, Lack, State
from meterdeck.domain.errors import NO_CONNECTION
from meterdeck.service.simulated.edition import EDITION
from meterdeck.store import Store, feeds, glance
from meterdeck.store.glance import Glance

Meterdeck = Callable[..., Ended]
HEAVY = "textual,rich,plotext,httpx,pydantic,starlette,asyncio,sqlite3"


def estimated(usd: str | None, *lacks: Lack) -> Dollars:
    """An estimate at learned prices."""
    return Dollars(None if usd is None else Decimal(usd), State.ESTIMATED, Evidence.LEARNED, lacks)


KEPT = Glance(
    SATURDAY,
    tokens_per_hour=138,
    tokens_per_hour_before=100,
    hour=estimated("412.004"),
    today=estimated("5912"),
    month=estimated("114000"),
)


class Kept:
    """A store in which a test keeps figures, and the command that reads them."""

    def __init__(self, path: Path, run: Meterdeck) -> None:
        self._run = run
        self._path = path

    def keep(self, found: Glance) -> None:
        """Keep figures, and note that the live feed was read at that moment."""
        store = Store(self._path)
        with store.write() as transaction:
            glance.keep(transaction, found)
            feeds.succeeded(transaction, "live", found.at)
        store.close()

    def fail(self, feed: str, short: str, at: datetime = SATURDAY) -> None:
        """Note a failure."""
        store = Store(self._path)
        with store.write() as transaction:
            feeds.failed(transaction, feed, at, short, "It failed.")
        store.close()

    def __call__(self, *arguments: str) -> Ended:
        return self._run("--demo", "--data-dir", self._path.parent.parent, "status", *arguments)


@pytest.fixture
def status(tmp_path: Path, meterdeck: Meterdeck) -> Kept:
    return Kept(paths.demo_store(tmp_path / "data", EDITION), meterdeck)


def test_one_line_says_how_fast_how_much_and_how_old(status: Kept, clock: Clock) -> None:
    status.keep(KEPT)
    clock.now = SATURDAY + timedelta(minutes=3)
    assert status() == Ended(0, "~$412/h ▲38% today ~$5,912 Nov ~$114k of $150k 76% · 3 min\n", "")


def test_ascii_has_the_same_figures(status: Kept) -> None:
    status.keep(KEPT)
    assert status("--ascii").out == "~$412/h ^38% today ~$5,912 Nov ~$114k of $150k 76% . <1 min\n"


def test_json_has_every_digit(status: Kept, clock: Clock) -> None:
    status.keep(KEPT)
    clock.now = SATURDAY + timedelta(minutes=3)
    document = status("--format", "json").document
    assert document["as_of"] == "2026-11-21T14:32:10Z"
    assert document["age_seconds"] == 180
    assert document["state"] == "current"
    known = {"state": "estimated", "evidence": "learned", "lacks": [], "estimated": True}
    assert document["hour"] == {"usd": "412.004", **known, "budget_usd": None}
    assert document["month"] == {"usd": "114000", **known, "budget_usd": "150000"}


def test_figures_that_are_billed_or_allocated_are_no_estimates(status: Kept) -> None:
    billed, allocated = Dollars(Decimal(0)), Dollars(Decimal("3.5"), State.ALLOCATED, mixed=True)
    status.keep(Glance(SATURDAY, 138, 100, estimated("412"), billed, allocated))
    assert status().out == "~$412/h ▲38% today $0 Nov ≈$3.50 of $150k <1% · <1 min\n"
    assert status("--ascii").out.startswith("~$412/h ^38% today $0 Nov =$3.50 of $150k")
    document = status("--format", "json").document
    assert [document[name]["state"] for name in ("hour", "day", "month")] == [
        *("estimated", "billed", "allocated")
    ]
    assert document["month"]["mixed"] is True


def test_old_figures_are_called_stale(status: Kept, clock: Clock) -> None:
    status.keep(KEPT)
    clock.now = SATURDAY + timedelta(hours=2)
    ended = status()
    assert (ended.code, ended.out.partition(" · ")[2]) == (3, "stale 2 h\n")


def test_figures_of_another_day_do_not_say_today(status: Kept, clock: Clock) -> None:
    status.keep(KEPT)
    clock.now = SATURDAY + timedelta(days=10)
    assert status().out == "~$412/h ▲38% Nov 21 ~$5,912 Nov ~$114k of $150k 76% · stale 10 d\n"


def test_a_feed_that_fails_is_named(status: Kept) -> None:
    status.keep(KEPT)
    status.fail("costs", "503")
    ended = status()
    assert (ended.code, ended.out.partition(" · ")[2]) == (3, "costs failed <1 min\n")
    assert status("--format", "json").document["failing"] == ["costs"]


def test_without_a_network_it_says_offline(status: Kept, clock: Clock) -> None:
    status.keep(KEPT)
    clock.now = SATURDAY + timedelta(minutes=2)
    status.fail("live", NO_CONNECTION, clock.now)
    ended = status()
    assert (ended.code, ended.out.partition(" · ")[2]) == (3, "offline 2 min\n")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (estimated("5912", Lack.UNPRICED), "today ~$5,912+ "),
        (estimated("5912", Lack.UNREAD), "today ~$5,912+ "),
        (estimated(None, Lack.UNPRICED), "today unpriced "),
        (None, ""),
    ],
)
def test_what_is_missing_is_not_passed_over(status: Kept, amount: Dollars | None, words: str) -> None:
    status.keep(Glance(SATURDAY, 138, 100, estimated("412"), amount, estimated("114000")))
    ended = status()
    assert ended.code == 3
    assert ended.out == f"~$412/h ▲38% {words}Nov ~$114k of $150k 76% · <1 min\n"


def test_a_pace_that_is_not_known_is_no_zero(status: Kept) -> None:
    status.keep(Glance(SATURDAY, month=estimated("114000")))
    assert status().out == "—/h Nov ~$114k of $150k 76% · <1 min\n"


@pytest.mark.parametrize("there", ["no store", "an empty store", "a store that nothing was kept in"])
def test_where_nothing_is_known_it_says_so(status: Kept, there: str) -> None:
    if there != "no store":
        Store(status._path).close()
    if there == "a store that nothing was kept in":
        status.fail("live", "503")
    ended = status()
    said = "no figures yet · live failed\n" if there.endswith("in") else "no figures yet\n"
    assert ended == Ended(1, said, "")
    assert status("--format", "json").document["as_of"] is None


def test_no_command_is_run_for_a_key(tmp_path: Path, meterdeck: Meterdeck) -> None:
    settings, ran = tmp_path / "config.toml", tmp_path / "ran"
    settings.write_text(f'key_command = ["touch", "{ran}"]\n')
    path = paths.live_store(tmp_path / "data", "https://api.anthropic.com", "org-1")
    store = Store(path)
    with store.write() as transaction:
        glance.keep(transaction, KEPT)
        feeds.succeeded(transaction, "live", SATURDAY)
    store.close()
    ended = meterdeck("--data-dir", tmp_path / "data", "--config", settings, "status")
    assert ended == Ended(0, "~$412/h ▲38% today ~$5,912 Nov ~$114k · <1 min\n", "")
    assert not ran.exists()


def test_budgets_are_those_of_the_configuration_now(tmp_path: Path, meterdeck: Meterdeck) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text("[[budgets]]\nmonthly_usd = 200000\nhourly_usd = 500\n")
    path = paths.live_store(tmp_path / "data", "https://api.anthropic.com", "org-1")
    store = Store(path)
    with store.write() as transaction:
        glance.keep(transaction, KEPT)
        feeds.succeeded(transaction, "live", SATURDAY)
    store.close()
    ended = meterdeck("--data-dir", tmp_path / "data", "--config", settings, "status")
    assert ended.out == "~$412/h of $500 82% ▲38% today ~$5,912 Nov ~$114k of $200k 57% · <1 min\n"


def test_it_loads_neither_screen_nor_chart_nor_network_nor_loop(demo_copy: Path, tmp_path: Path) -> None:
    assert loaded(HEAVY, "--demo", "--data-dir", str(demo_copy), "status", home=tmp_path) == "loaded: sqlite3"


def test_nor_does_it_where_the_configuration_names_a_server(tmp_path: Path) -> None:
    settings, server = tmp_path / "config.toml", "http://127.0.0.1:9"
    settings.write_text(f'base_url = "{server}"\n')
    Store(paths.live_store(tmp_path / "data", server, "org-1")).close()
    folders = "--data-dir", str(tmp_path / "data"), "--config", str(settings)
    assert loaded(HEAVY, *folders, "status", home=tmp_path) == "loaded: sqlite3"

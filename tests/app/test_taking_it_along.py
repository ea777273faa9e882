"""Taking it along, by its keys: a line in the clipboard, a file of what is on show, a view by name, the last one."""

import csv
import errno
import json
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.decks import PATIENCE_S, Shown, World, impatient, no_demo
from meterdeck.app.app import DeckApp
from meterdeck.app.commands import COMMANDS
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.desk import Desk, SavedViews
from meterdeck.app.screens.export import ExportScreen
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Span
from meterdeck.paths import last_view
from meterdeck.queries.look import Look
from meterdeck.queries.rates import Rates, rates_by_bucket
from meterdeck.store import private

PROD_CHAT = "wrkspc_01SimProdChat00000000"
KEY = {command.id: command.keys[0] for command in COMMANDS if command.keys}


@dataclass
class Table:
    """Where a user's files lie."""

    world: World
    folder: Path
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(SavedViews(self.folder / "config" / "views.toml"), self.folder / "exports")
        self.desk.export_folder.mkdir()

    @property
    def files(self) -> list[Path]:
        """What was exported."""
        return sorted(self.desk.export_folder.iterdir())


@pytest.fixture
def table(world: World, tmp_path: Path) -> Table:
    return Table(world, tmp_path)


@asynccontextmanager
async def opened(table: Table, **opening: object) -> AsyncIterator[Shown]:
    """The deck over the small organisation, with a desk."""
    desk = replace(table.desk, **opening)  # type: ignore[arg-type]
    app = DeckApp(table.world.session, demo=no_demo, desk=desk)
    with impatient():
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            shown = Shown(app, pilot)
            await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is open")
            await shown.until(lambda: shown.deck.deck is not None, "the deck is read")
            await shown.until(lambda: not shown.deck.is_loading, "its outlook is read")
            yield shown


def said(shown: Shown) -> str:
    """What was said last."""
    told = list(shown.app._notifications)
    return told[-1].message if told else ""


async def until_said(shown: Shown, words: str) -> None:
    """Wait until something is said."""
    await shown.until(lambda: words in said(shown), f"{words!r} is said")


async def export(shown: Shown, form: str) -> None:
    """Press `e` and the key of a form, and wait until the file is written."""
    shown.app.clear_notifications()
    await shown.press(KEY["take.export"])
    await shown.until(lambda: isinstance(shown.screen, ExportScreen), "the forms are shown")
    await shown.press(KEY[f"export.{form}"])
    await until_said(shown, "Wrote ")


async def test_y_copies_the_row_under_the_cursor_and_says_that_nobody_can_confirm_it(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["take.row"])
        assert shown.app.clipboard.startswith("prod-chat (wrkspc_01SimProdChat00000000): ")
        assert said(shown).startswith("Copied, if your terminal allows it: prod-chat (wrkspc_")
        await shown.press(KEY["deck.down"], KEY["take.row"])
        assert not shown.app.clipboard.startswith("prod-chat ")
        await shown.press(KEY["deck.costs"], KEY["take.row"])
        assert shown.app.clipboard.startswith("2026-11-21 (UTC): ~$")


async def test_shift_y_copies_the_state_of_the_scope(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["deck.enter"])
        await shown.until(
            lambda: bool(shown.deck.deck and shown.deck.deck.scope.filters), "the row is entered"
        )
        await shown.press(KEY["take.incident"])
        assert shown.app.clipboard.startswith("Acme ▸ prod-chat (wrkspc_01SimProdChat00000000), 24 h: ")
        assert "2026-11-21T14:32Z, data " in shown.app.clipboard


async def test_a_terminal_without_a_clipboard_is_told_and_offered_a_file(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(table) as shown:
        monkeypatch.setenv("TERM", "linux")
        await shown.press(KEY["take.row"])
        assert said(shown) == "This terminal (TERM=linux) takes no copy. e writes a file instead."
        assert shown.app.clipboard == ""


async def test_in_tmux_its_buffer_gets_the_line_too_and_a_failure_is_told(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmux = table.folder / "tmux"
    tmux.write_text(f"#!/bin/sh\ncat > {table.folder}/buffer\n", encoding="utf-8")
    tmux.chmod(0o700)
    async with opened(table) as shown:
        monkeypatch.setenv("TMUX", "x")
        monkeypatch.setenv("PATH", f"{table.folder}:{os.environ['PATH']}")
        await shown.press(KEY["take.row"])
        await until_said(shown, "Copied to tmux, and to your terminal's clipboard if it allows it: prod-chat")
        assert (table.folder / "buffer").read_text(encoding="utf-8") == shown.app.clipboard
        tmux.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        await shown.press(KEY["take.row"])
        await until_said(shown, "tmux took no copy")


async def test_the_pane_with_the_keyboard_is_exported_under_a_name_of_its_own(table: Table) -> None:
    async with opened(table) as shown:
        await export(shown, "csv")
        assert [path.name for path in table.files] == [
            "meterdeck-acme-breakdown-by-workspace-24h-20261121T1432Z.csv"
        ]
        assert said(shown) == f"Wrote {table.files[0]}"
        assert table.files[0].stat().st_mode & 0o777 == 0o600
        with table.files[0].open(encoding="utf-8") as file:
            ids = [row["id"] or None for row in csv.DictReader(file)]
        assert ids == [row.key for row in shown.breakdown.table.rows]
        await shown.press(KEY["deck.costs"])
        await export(shown, "json")
        await shown.press(KEY["deck.rates"])
        await export(shown, "json")
        reports = [
            json.loads(path.read_text(encoding="utf-8")) for path in table.files if path.suffix == ".json"
        ]
        assert [report["report"] for report in reports] == ["costs", "rates"]
        deck = shown.deck.deck
        assert deck is not None
        assert reports[1]["total_tokens"] == sum(bar.amount or 0 for bar in deck.rates.bars)


async def test_a_file_of_filtered_rows_is_named_by_the_filter_and_says_so(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["rows.filter"], *"prod", "enter")
        await export(shown, "json")
        assert [path.name for path in table.files] == [
            "meterdeck-acme-breakdown-by-workspace-filtered-prod-24h-20261121T1432Z.json"
        ]
        report = json.loads(table.files[0].read_text(encoding="utf-8"))
        assert (report["rows_filtered_by"], report["rows_left_out"]) == ("prod", 3)
        assert [row["id"] for row in report["rows"]] == [PROD_CHAT]


async def test_markdown_has_the_columns_that_are_on_show(table: Table) -> None:
    async with opened(table) as shown:
        await export(shown, "markdown")
        head = table.files[0].read_text(encoding="utf-8").splitlines()[0]
        assert head.startswith("| name | tok/h | Δ1h | ~$/h | ~today | share | ")


async def test_a_file_without_a_row_says_so(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["rows.filter"], *"nosuch", "enter")
        await export(shown, "csv")
        assert said(shown) == f"Wrote {table.files[0]}, without a row: none is on show."


async def test_a_key_that_asks_for_something_else_does_not_break_an_export_off(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, goes_on = threading.Event(), threading.Event()

    def wait() -> int:
        is_reading.set()
        goes_on.wait(PATIENCE_S)
        return 0

    def read_slowly(look: Look, *rest: Any) -> Rates:
        look.transaction._connection.create_function("wait", 0, wait)
        look.transaction.one(
            "WITH RECURSIVE n(x) AS (SELECT wait() UNION ALL SELECT x + 1 FROM n WHERE x < 10000) SELECT max(x) FROM n"
        )
        return rates_by_bucket(look, *rest)

    monkeypatch.setattr("meterdeck.queries.deck.rates_by_bucket", read_slowly)
    async with opened(table) as shown:
        deck = shown.deck.deck
        assert deck is not None
        await shown.press(KEY["deck.rates"], KEY["take.export"], KEY["export.json"])
        await shown.until(is_reading.is_set, "the export is being read")
        await shown.press(KEY["deck.measure"], KEY["time.longer"])
        goes_on.set()
        await until_said(shown, "Wrote ")
        report = json.loads(table.files[0].read_text(encoding="utf-8"))
        assert report["total_tokens"] == sum(bar.amount or 0 for bar in deck.rates.bars)


async def test_nothing_is_overwritten_and_enter_takes_the_form_of_the_last_time(table: Table) -> None:
    async with opened(table) as shown:
        await export(shown, "markdown")
        first = table.files[0].read_bytes()
        shown.app.clear_notifications()
        await shown.press(KEY["take.export"], KEY["export.choose"])
        await until_said(shown, "Wrote ")
        assert [path.name for path in table.files] == [
            "meterdeck-acme-breakdown-by-workspace-24h-20261121T1432Z-2.md",
            "meterdeck-acme-breakdown-by-workspace-24h-20261121T1432Z.md",
        ]
        assert table.files[1].read_bytes() == first
        await shown.press(KEY["take.export"], KEY["export.cancel"])
        assert shown.screen is shown.deck
        assert len(table.files) == 2


async def test_the_picture_is_the_screen_and_loads_nothing(table: Table) -> None:
    async with opened(table) as shown:
        await export(shown, "svg")
        (path,) = table.files
        text = path.read_text(encoding="utf-8")
        words = "".join(ET.fromstring(text).itertext())  # noqa: S314 - our own
        assert "prod-chat" in words
        assert "Export breakdown" not in words
        assert "meterdeck 2026-11-21T14:32Z" in words.replace("\xa0", " ")
        assert "url(http" not in text
        assert "@font-face" not in text


async def test_a_picture_holds_nothing_of_what_was_said_before(table: Table) -> None:
    async with opened(table) as shown:
        await export(shown, "csv")
        await shown.until_shown("Wrote")
        await shown.press(KEY["take.export"], KEY["export.svg"])
        await shown.until(lambda: len(table.files) == 2, "the picture is written")
        picture = next(path for path in table.files if path.suffix == ".svg")
        words = "".join(ET.fromstring(picture.read_text(encoding="utf-8")).itertext())  # noqa: S314 - our own
        assert "prod-chat" in words
        assert "Wrote" not in words


async def test_what_is_said_of_a_copy_leaves_out_whole_parts_and_covers_whole_lines(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["take.incident"])
        await shown.until_shown("Copied, if your terminal allows it: ")
        told = said(shown).partition(": ")[2]
        assert " … " in told
        copied = shown.app.clipboard.split(" ")
        assert [word for word in told.split(" ") if word != "…" and word not in copied] == []
        (toast,) = shown.deck.query("Toast")
        assert toast.region.width == shown.deck.size.width


async def test_a_disk_that_is_full_costs_nothing_but_the_file(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with opened(table) as shown:
        monkeypatch.setattr(private, "write_new", full)
        await shown.press(KEY["take.export"], KEY["export.csv"])
        await until_said(shown, "can't be written to (No space left on device)")
        assert table.files == []
        assert shown.screen is shown.deck


async def test_a_view_is_saved_and_opened_with_everything_in_it_and_minus_leads_back(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["deck.enter"])
        await shown.until(
            lambda: bool(shown.deck.deck and shown.deck.deck.scope.filters), "the row is entered"
        )
        await shown.press(KEY["time.longer"], KEY["deck.measure"], KEY["deck.costs"])
        scope = shown.deck.scope
        assert scope.span is Span.WEEK
        shown.deck.save_view("launch")
        await until_said(shown, "Saved as launch")
        await shown.press(KEY["deck.breakdown"], KEY["deck.measure"])
        await shown.press(KEY["deck.back"], KEY["deck.back"])  # the longer time, then the row
        await shown.until(lambda: not shown.deck.scope.filters, "the whole organisation is shown")
        before = shown.deck.scope
        shown.deck.open_view("launch")
        await shown.until(lambda: shown.deck.scope == scope, "the view is open")
        assert shown.deck.question.measure is Measure.USD
        assert shown.pane_with_keyboard == "costs"
        await shown.press(KEY["deck.swap"])
        assert shown.deck.scope == before
        with pytest.raises(UsageError, match="Known: launch"):
            shown.deck.open_view("lunch")


async def test_a_name_that_a_view_can_not_have_stays_in_the_line_to_be_mended(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["line.open"], *"save a", "slash", "b", "enter")
        await shown.until_shown("✕ A view can't be called", ":save a/b")


async def test_a_view_takes_the_place_of_another_only_when_it_is_told_to(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["line.open"], *"save launch", "enter")
        await until_said(shown, "Saved as launch")
        await shown.press(KEY["time.longer"], KEY["line.open"], *"save launch", "enter")
        await shown.until_shown("✕ There is another view launch already.", ":save launch")
        assert table.desk.views.find("launch").span is Span.DAY
        await shown.press("escape", KEY["line.open"], *"save", "exclamation_mark", *" launch", "enter")
        await shown.until(lambda: table.desk.views.find("launch").span is Span.WEEK, "it is saved over")


async def test_a_view_by_what_is_read_on_demand_comes_back(table: Table) -> None:
    async with opened(table) as shown:
        await shown.press(KEY["line.open"], *"by geo", "enter")
        await shown.until(
            lambda: shown.deck.scope.by is Dimension.INFERENCE_GEO, "geo is what it is split by"
        )
        shown.deck.save_view("where")
        await until_said(shown, "Saved as where")
        await shown.press(KEY["line.open"], *"by model", "enter")
        await shown.until(lambda: shown.deck.scope.by is Dimension.MODEL, "another dimension is on show")
        shown.deck.open_view("where")
        await shown.until(lambda: shown.deck.scope.by is Dimension.INFERENCE_GEO, "the view is open")
    assert 'by = "inference_geo"' in table.desk.views.file.read_text(encoding="utf-8")


async def test_a_view_with_names_of_the_api_and_a_family_of_models_is_understood(table: Table) -> None:
    file = table.desk.views.file
    file.parent.mkdir()
    file.write_text(
        '[views.opus]\nworkspace_id = "batch-etl"\nmodel = "opus"\nby = "geo"\n', encoding="utf-8"
    )
    async with opened(table, view="opus") as shown:
        assert "batch-etl" in shown.header
        assert shown.deck.scope.by is Dimension.INFERENCE_GEO
        models = shown.deck.scope.members(Dimension.MODEL)
        assert models == frozenset({"claude-opus-4-7", "claude-opus-5", "claude-opus-5-5"})


async def test_a_view_by_names_is_the_first_thing_on_show_when_it_is_asked_for(table: Table) -> None:
    file = table.desk.views.file
    file.parent.mkdir()
    file.write_text('[views.etl]\nworkspace = "batch-etl"\nby = "model"\npane = "rates"\n', encoding="utf-8")
    async with opened(table, view="etl") as shown:
        assert "batch-etl" in shown.header
        assert shown.deck.scope.by is Dimension.MODEL
        await shown.until(lambda: shown.pane_with_keyboard == "rates", "its pane has the keyboard")


async def test_a_view_of_somebody_who_is_not_there_is_told_and_the_organisation_shown(table: Table) -> None:
    table.desk.views.file.parent.mkdir()
    table.desk.views.file.write_text('[views.x]\nworkspace = "prod-caht"\n', encoding="utf-8")
    async with opened(table, view="x") as shown:
        place = f"The view x ({table.desk.views.file})"
        assert said(shown).startswith(f"{place}: There is no workspace named 'prod-caht'. Known: ")
        assert not shown.deck.scope.filters


async def leave_in_prod_chat(table: Table) -> None:
    """A session that is left in a row."""
    async with opened(table) as shown:
        await shown.press(KEY["deck.enter"], KEY["time.longer"])
        await shown.until(lambda: "7 d" in shown.header, "a week is shown")
        await shown.press("q")
        assert not shown.app.is_running


async def test_minus_leads_to_where_the_last_session_was_left_and_the_start_says_so(table: Table) -> None:
    await leave_in_prod_chat(table)
    kept = last_view(table.world.store)
    assert kept.stat().st_mode & 0o777 == 0o600
    async with opened(table) as shown:
        await shown.until_shown('Press "-" for what was left: prod-chat ▸ 7 d ▸ by model')
        assert said(shown) == "", "nothing covers the panes"
        assert not shown.deck.scope.filters
        await shown.press(KEY["deck.swap"])
        assert shown.deck.scope.members(Dimension.WORKSPACE) == frozenset({PROD_CHAT})
        assert shown.deck.scope.span is Span.WEEK
        assert "what was left" not in shown.text
        await shown.press(KEY["deck.back"])
        assert not shown.deck.scope.filters


async def test_whoever_has_moved_is_not_told_any_more_what_was_left(table: Table) -> None:
    await leave_in_prod_chat(table)
    async with opened(table) as shown:
        await shown.until_shown("what was left")
        await shown.press(KEY["time.longer"])
        await shown.until(lambda: not shown.deck.is_loading, "the week is read")
        assert "what was left" not in shown.text


async def test_what_is_said_takes_the_place_of_what_was_said_before(table: Table) -> None:
    async with opened(table) as shown:
        shown.app.notify("The disk is full.", severity="error", timeout=60)
        for row in range(4):
            shown.app.notify(f"Copied row {row}")
        await until_said(shown, "Copied row 3")
        assert [each.message for each in shown.app._notifications] == ["The disk is full.", "Copied row 3"]


async def test_what_is_said_covers_neither_the_command_line_nor_the_picker(table: Table) -> None:
    async with opened(table) as shown:
        shown.app.notify("Wrote " + "a long name " * 12, timeout=60)
        await shown.until_shown("Wrote a long name")
        await shown.press(KEY["line.open"], *"nosuch", "enter")
        await shown.until_shown("✕ There is no command 'nosuch'.", "Wrote a long name")
        await shown.press("escape", KEY["deck.workspace"])
        await shown.until_shown("Choose workspaces", "prod-chat")
        assert "Wrote" not in shown.text
        await shown.press("escape")
        await shown.until_shown("Wrote a long name")


async def test_resume_begins_where_the_last_session_was_left(table: Table) -> None:
    await leave_in_prod_chat(table)
    async with opened(table, resume=True) as shown:
        assert shown.deck.scope.members(Dimension.WORKSPACE) == frozenset({PROD_CHAT})
        assert shown.deck.scope.by is Dimension.MODEL
        await shown.press("q")
    assert "prod-chat" in last_view(table.world.store).read_text(encoding="utf-8")


async def test_a_session_that_went_nowhere_keeps_the_place_of_the_one_before(table: Table) -> None:
    await leave_in_prod_chat(table)
    before = last_view(table.world.store).read_bytes()
    async with opened(table) as shown:
        await shown.press("q")
    assert last_view(table.world.store).read_bytes() == before


async def test_without_a_last_view_resume_says_so(table: Table) -> None:
    async with opened(table, resume=True) as shown:
        assert said(shown) == "There is no view to resume yet: it is kept when you quit."
        await shown.press("q")
    assert not last_view(table.world.store).exists()

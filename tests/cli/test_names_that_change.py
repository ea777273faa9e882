"""Names of an organisation that change while its store is in use, and names that do not tell, in every report."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from answers import fixture
from cli.commands import KEY, Ended
from cli.conftest import Clock
from cli.servers import Organizations, serving_app
from meterdeck import paths
from meterdeck.service.app import create_app
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.store import Store, directory

Meterdeck = Callable[..., Ended]
RATES = ("report", "rates", "--by", "workspace")
"""What takes least to be read."""
LIST = "/v1/organizations/workspaces"
REPORTS = [
    ("report", "rates"),
    ("report", "breakdown"),
    ("report", "costs"),
    ("report", "minutes", "--hour", "2026-11-21T13:00Z"),
    ("report", "forecast"),
    ("report", "breakdown", "--by", "inference_geo"),
    ("prices",),
]


READ_BY_PEOPLE = [
    RATES,
    ("report", "breakdown"),
    ("report", "costs", "--window", "7d", "--by", "workspace"),
    ("report", "costs", "--lines", "--day", "2026-11-20"),
    ("report", "minutes", "--by", "workspace", "--hour", "2026-11-21T13:00Z"),
]


@dataclass
class Here:
    """The command line over an organisation whose workspaces a test names."""

    meterdeck: Meterdeck
    data: Path
    url: str
    server: Organizations
    source: SimulatedOrganization
    clock: Clock

    def __call__(self, *words: str) -> Ended:
        self.server.asked.clear()
        return self.meterdeck("--data-dir", self.data, "--base-url", self.url, *words)

    @property
    def reads(self) -> int:
        """How often the last command asked for the workspaces."""
        return self.server.asked.count(LIST)

    def rename(self, old: str, new: object) -> str:
        """Give a workspace another name; returns its id."""
        found = next(row for row in self.source.workspaces if row["name"] == old)
        found["name"] = new
        return str(found["id"])

    def after(self, **time: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**time)

    def forget(self, workspace_id: str) -> None:
        """Let the store know the names of a time before a workspace was made."""
        (path,) = paths.known_live_stores(self.data, self.url)
        with closing(Store(path)) as store, store.write() as transaction:
            known = directory.load(transaction)
            assert known.organization
            others = [each for each in known.workspaces if each.id != workspace_id]
            directory.replace(transaction, known.organization, others, known.api_keys)


@pytest.fixture
def here(
    meterdeck: Meterdeck, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Here]:
    source = SimulatedOrganization(Options(size="small"))
    server = Organizations({KEY: create_app(source, lambda: clock.now)})
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with serving_app(server) as url:
        found = Here(meterdeck, tmp_path / "data", url, server, source, clock)
        assert found(*RATES).code == 0
        yield found


def test_a_refresh_reads_the_names_in_every_report(here: Here) -> None:
    name = "prod-chat"
    for number, report in enumerate(REPORTS):
        here.after(hours=1)  # each re-reads much, and the budget is one of hours
        here.rename(name, name := f"called-{number}")
        ended = here(*report, "--refresh")
        assert ended.code in {0, 3}, ended.err
        assert here.reads == 1, report
        assert name in here(*RATES).out, report


def test_an_id_that_is_new_to_the_store_is_named_in_the_report_that_first_shows_it(here: Here) -> None:
    made = here.rename("prod-chat", "made-today")
    here.forget(made)
    assert "made-today" in here(*RATES).out
    assert here.reads == 1
    here.forget(made)
    ended = here(*RATES)
    assert here.reads == 0, "once ever for an id"
    assert made in ended.out


def test_a_name_that_is_younger_than_the_store_is_found_by_one_read_in_five_minutes(here: Here) -> None:
    asked_for = (*RATES, "--workspace", "prod-talk", "--format", "json")
    assert here(*asked_for).code == 2
    assert here.reads == 0, "the names were read just now"
    made = here.rename("prod-chat", "prod-talk")
    here.after(minutes=5)
    ended = here(*asked_for)
    assert (here.reads, ended.code) == (1, 0), ended.err
    assert ended.document["filters"] == {"workspace": [made]}


def test_a_name_of_nobody_is_called_unknown_after_one_read_in_five_minutes(here: Here) -> None:
    here.after(minutes=5)
    for reads in (1, 0):
        ended = here("report", "rates", "--workspace", "nobody")
        assert (ended.code, here.reads) == (2, reads)
        assert "There is no workspace named 'nobody'" in ended.err
    here.after(minutes=5)
    here("report", "breakdown", "--by", "inference_geo", "--api-key", "nobody")
    assert here.reads == 1
    here.after(minutes=5)
    assert here("report", "rates", "--workspace", "nobody", "--offline").code == 2
    assert here.server.asked == []


def test_ids_and_known_names_cost_no_read(here: Here) -> None:
    here.after(minutes=5)
    assert here("report", "rates", "--workspace", "prod-chat", "--workspace", "default").code == 0
    assert here("report", "rates", "--workspace", "wrkspc_unknown").code == 0
    assert here.reads == 0


def name_as_in_the_case(here: Here) -> dict[str, str]:
    """Give the three workspaces in use names that do not tell; returns their ids."""
    ids = {
        old: here.rename(old, new)
        for old, new in (("prod-chat", "Default"), ("evals", "twin"), ("batch-etl", "twin "))
    }
    assert here(*RATES, "--refresh").code == 0
    return ids


def test_members_of_one_name_are_told_apart_in_what_people_read(here: Here) -> None:
    ids = name_as_in_the_case(here)
    for form, report in product(("table", "markdown"), READ_BY_PEOPLE):
        out = here(*report, "--format", form).out
        assert f"Default …{ids['prod-chat'][-4:]}" in out, report
        assert "Default …null" in out, report
        assert len(set(re.findall(r"twin …\w+", out))) == 2, report
        assert out.count("twin") == out.count("twin …"), report


def test_documents_hold_the_names_as_they_are_and_how_people_are_shown_them(here: Here) -> None:
    ids = name_as_in_the_case(here)
    rows = {row["id"]: row for row in here(*RATES, "--format", "json").document["rows"]}
    assert {of: row["name"] for of, row in rows.items()} == {
        ids["prod-chat"]: "Default",
        ids["evals"]: "twin",
        ids["batch-etl"]: "twin ",
        None: "Default",
    }
    assert len({row["label"] for row in rows.values()}) == 4
    lines = csv.DictReader(io.StringIO(here(*RATES, "--format", "csv").out))
    assert "label" not in (lines.fieldnames or [])
    assert {line["id"] for line in lines} == {*ids.values(), ""}


def test_a_workspace_called_default_is_not_the_default_one(here: Here) -> None:
    ids = name_as_in_the_case(here)

    def filters(typed: str) -> object:
        return here(*RATES, "--workspace", typed, "--format", "json").document["filters"]

    ended = here(*RATES, "--workspace", "Default")
    assert (ended.code, ended.out) == (2, "")
    assert f"'Default' is the default workspace, and a name of {ids['prod-chat']}." in ended.err
    assert "Write null for the default workspace, or give the id." in ended.err
    assert filters("null") == {"workspace": [None]}
    assert filters(ids["prod-chat"]) == {"workspace": [ids["prod-chat"]]}
    assert filters(f"Default …{ids['prod-chat'][-4:]}") == {"workspace": [ids["prod-chat"]]}


@pytest.mark.parametrize("typed", [" lead", "lead", "Lead "])
def test_a_name_with_blanks_around_it_can_be_typed_and_is_shown_without(here: Here, typed: str) -> None:
    lead = here.rename("prod-chat", fixture("same_names")["data"][4]["name"])
    here(*RATES, "--refresh")
    ended = here(*RATES, "--workspace", typed, "--format", "json")
    assert ended.document["filters"] == {"workspace": [lead]}
    assert " lead " in here(*RATES).out


@pytest.mark.parametrize("name", ["", None])
def test_an_empty_name_shows_the_id_and_one_that_is_none_costs_no_other(here: Here, name: str | None) -> None:
    nameless = here.rename("prod-chat", name)
    ended = here(*RATES, "--refresh")
    assert nameless in ended.out
    assert "evals" in ended.out
    assert ("1 name can't be read (data.0.name of the workspaces" in ended.err) is (name is None)
    assert ended.code == 0

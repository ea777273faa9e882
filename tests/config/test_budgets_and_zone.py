"""Budgets and the time zone in the configuration: what may be said, whose word counts, how a wrong line is named."""

from __future__ import annotations

import math
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from meterdeck import config
from meterdeck.cli import main
from meterdeck.config import settings
from meterdeck.config.budgets import usd
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError

THREE_BUDGETS = """\
timezone = "Europe/Berlin"

[[budgets]]
monthly_usd = "200000"
daily_usd = 9_500

[[budgets]]
workspace = "prod-chat"
daily_usd = "1500.50"

[profiles.acme]
timezone = "Asia/Kolkata"

[[profiles.acme.budgets]]
model = "claude-opus-5"
hourly_usd = "80"

[profiles.beta]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def loaded(file: Path, text: str, profile: str | None = None) -> config.Config:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return config.load(file, required=True, profile=profile)


def refusal(file: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(file, text)
    return str(caught.value)


def test_budgets_are_exact_amounts_each_with_its_line(file: Path) -> None:
    held = loaded(file, THREE_BUDGETS)
    assert [(setting.value, setting.origin) for setting in held.budgets] == [
        (Budget(Decimal(200000), Period.MONTH), f"{file}:4"),
        (Budget(Decimal(9500), Period.DAY), f"{file}:5"),
        (Budget(Decimal("1500.50"), Period.DAY, Dimension.WORKSPACE, "prod-chat"), f"{file}:9"),
    ]


def test_an_owner_may_have_the_api_s_name(file: Path) -> None:
    held = loaded(file, '[[budgets]]\nworkspace_id = "prod-chat"\ndaily_usd = 5\n')
    assert [setting.value for setting in held.budgets] == [
        Budget(Decimal(5), Period.DAY, Dimension.WORKSPACE, "prod-chat")
    ]
    twice = '[[budgets]]\nworkspace = "evals"\nworkspace_id = "prod-chat"\ndaily_usd = 5\n'
    assert refusal(file, twice).startswith(
        f"{file}:3: workspace_id is one too many: this budget's workspace was set before."
    )


def test_the_budgets_of_a_profile_replace_those_at_the_top(file: Path) -> None:
    held = loaded(file, THREE_BUDGETS, "acme")
    budget = Budget(Decimal(80), Period.HOUR, Dimension.MODEL, "claude-opus-5")
    assert [(setting.value, setting.origin) for setting in held.budgets] == [(budget, f"{file}:16")]
    assert len(loaded(file, THREE_BUDGETS, "beta").budgets) == 3


def test_the_zone_is_that_of_the_profile_then_that_at_the_top_then_utc(file: Path) -> None:
    assert loaded(file, THREE_BUDGETS, "acme").timezone == config.Setting(
        ZoneInfo("Asia/Kolkata"), f"{file}:12"
    )
    assert loaded(file, THREE_BUDGETS, "beta").timezone == config.Setting(
        ZoneInfo("Europe/Berlin"), f"{file}:1"
    )
    assert loaded(file, "").timezone == config.Setting(UTC)


def test_config_show_names_every_budget_and_where_it_stands(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(file, THREE_BUDGETS)
    assert main(["--config", str(file), "config", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = [line.split("  ") for line in lines if line.startswith(("budget", "timezone"))]
    assert [[cell.strip() for cell in row if cell.strip()] for row in found] == [
        ["timezone", "Europe/Berlin", f"{file}:1"],
        ["budget of organisation", "monthly_usd = 200000", f"{file}:4"],
        ["budget of organisation", "daily_usd = 9500", f"{file}:5"],
        ["budget of workspace prod-chat", "daily_usd = 1500.5", f"{file}:9"],
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[[budgets]]\nmonthly_usd = 1500.5", 2, "monthly_usd must stand in quotes"),
        ("[[budgets]]\nmonthly_usd = 1e3", 2, "binary, and not exact"),
        ("[[budgets]]\nmonthly_usd = inf", 2, "binary, and not exact"),
        ("[[budgets]]\nmonthly_usd = true", 2, "must be text in quotes, not true or false"),
        ("[[budgets]]\nmonthly_usd = 0", 2, "must be more than 0"),
        ("[[budgets]]\nmonthly_usd = '0.00'", 2, "must be more than 0"),
        ("[[budgets]]\nmonthly_usd = -5", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly_usd = '1,500'", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly_usd = '$5'", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly_usd = 'NaN'", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly_usd = '1e9'", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly_usd = '٣'", 2, "must be dollars, such as"),
        ("[[budgets]]\nmonthly = 5", 2, "there is no setting 'monthly' (did you mean monthly_usd?)"),
        ("[[budgets]]\nworkspace = 7\ndaily_usd = 1", 2, "workspace must be text in quotes, not a number"),
        ("[[budgets]]\nworkspace = ''\ndaily_usd = 1", 2, "workspace must be text of one line"),
        (
            "[[budgets]]\ndaily_usd = 1\n\n[[budgets]]\nworkspace = 'a'\nmodel = 'b'\ndaily_usd = 1",
            4,
            "a budget is a workspace's or a model's, not both",
        ),
        ("[[budgets]]\ndaily_usd = 1\n\n[[budgets]]\nmodel = 'b'", 4, "a budget needs an amount: monthly_usd"),
        ("[[budgets]]\ndaily_usd = 1\n[[budgets]]\ndaily_usd = 2", 4, "was set before, at "),
        ("[[budgets]]\ndaily_usd = 1\n[[budgets]]\n[budgets.x]\n", 4, "there is no setting 'x'"),
        ("budgets = 5", 1, "budgets must be tables, such as [[budgets]]"),
        ("\n[budgets]\ndaily_usd = 1", 2, "budgets must be tables, such as [[budgets]]"),
        ("[profiles.a]\nbudgets = []\n[profiles.b]\nbudgets = [5]", 4, "such as [[profiles.b.budgets]]"),
        ("budgets = [\n {daily_usd = 1},\n {daily_usd = 0}]", 1, "must be more than 0"),
        ("[profiles.a]\n[[profiles.a.budgets]]\ndaily_usd = 1\n[[profiles.a.budgets]]\nx = 1", 5, "no setting 'x'"),
        ("[[budgets]]\ndaily_usd = 1\nprofile = 'a'", 3, "there is no setting 'profile'"),
        ("budget = 5", 1, "there is no setting 'budget' (did you mean budgets?)"),
        ("timezone = 'Europe/Berln'", 1, "(did you mean Europe/Berlin?)"),
        ("timezone = 'europe/berlin'", 1, "(did you mean Europe/Berlin?)"),
        ("timezone = 'Europe'", 1, "timezone must be an IANA time zone"),
        ("timezone = '../../etc/passwd'", 1, "timezone must be an IANA time zone"),
        ("timezone = '/etc/localtime'", 1, "timezone must be an IANA time zone"),
        ("timezone = '+02:00'", 1, "timezone must be an IANA time zone"),
        ("timezone = 2", 1, "timezone must be text in quotes, not a number"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_with_the_reason(file: Path, text: str, line: int, reason: str) -> None:
    said = refusal(file, text)
    assert said.startswith(f"{file}:{line}: ")
    assert reason in said


def test_a_machine_without_time_zones_is_told_what_to_install(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> ZoneInfo:
        raise KeyError(name)

    monkeypatch.setattr(settings, "ZoneInfo", nothing)
    monkeypatch.setattr(settings, "available_timezones", set)
    assert "Install its package tzdata" in refusal(file, "timezone = 'Europe/Berlin'")
    assert loaded(file, "timezone = 'UTC'").timezone.value == UTC


def test_an_amount_is_what_was_written_to_the_last_digit() -> None:
    assert usd("0.100001") == Decimal("0.100001")
    assert usd(10**12 - 1) == Decimal(999_999_999_999)
    with pytest.raises(ValueError, match="in quotes"):
        usd(math.pi)


@pytest.mark.parametrize(
    ("period", "now", "start", "end"),
    [
        (Period.MONTH, "2028-02-29T23:59:59", "2028-02-01T00:00:00", "2028-03-01T00:00:00"),
        (Period.MONTH, "2026-12-31T00:00:00", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        (Period.DAY, "2026-11-21T14:32:10", "2026-11-21T00:00:00", "2026-11-22T00:00:00"),
        (Period.HOUR, "2026-11-21T23:32:10", "2026-11-21T23:00:00", "2026-11-22T00:00:00"),
    ],
)
def test_a_period_holds_its_moment_and_ends_where_the_next_begins(
    period: Period, now: str, start: str, end: str
) -> None:
    from datetime import datetime

    window = period.window(datetime.fromisoformat(f"{now}+00:00"))
    assert (window.start.isoformat(), window.end.isoformat()) == (f"{start}+00:00", f"{end}+00:00")

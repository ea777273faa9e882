"""The key, the server, the store: where each comes from, and what is said when one is missing or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cli.commands import KEY, SATURDAY, Ended
from cli.conftest import Clock
from cli.servers import serving, silent
from meterdeck.service.simulated.options import Options

Meterdeck = Callable[..., Ended]
OTHER_KEY = "sk-ant-admin01-another-one-that-nobody-made"


@pytest.fixture
def server(clock: Clock) -> Iterator[str]:
    """A server that accepts one key."""
    with serving(Options(size="small", accepted_key=KEY), lambda: clock.now) as url:
        yield url


@pytest.mark.parametrize("arguments", [["report", "rates"], ["report", "costs", "--refresh"]], ids=" ".join)
def test_without_a_key_a_report_says_how_to_give_one_and_names_the_demo(
    meterdeck: Meterdeck, tmp_path: Path, arguments: list[str]
) -> None:
    ended = meterdeck("--data-dir", tmp_path, *arguments)
    assert (ended.code, ended.out) == (2, "")
    for word in ("no Admin key", "ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ADMIN_API_KEY", "--demo"):
        assert word in ended.err
    assert list(tmp_path.rglob("*.db")) == []


@pytest.mark.parametrize("variable", ["ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ADMIN_API_KEY"])
def test_both_names_of_the_variable_are_read(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, server: str, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, f" {KEY}\n")
    ended = meterdeck("--data-dir", tmp_path, "--base-url", server, "report", "rates", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.document["total_tokens"] > 0


def test_an_empty_variable_is_no_key(meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", " ")
    assert "no Admin key" in meterdeck("report", "rates").err


def test_a_wrong_key_ends_with_1_and_its_text_is_nowhere(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, server: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", OTHER_KEY)
    data = tmp_path / "data"
    ended = meterdeck("--data-dir", data, "--base-url", server, "report", "costs")
    assert (ended.code, ended.out) == (1, "")
    assert "401" in ended.err
    assert "Traceback" not in ended.err
    assert OTHER_KEY not in ended.err
    assert not data.exists(), "a key that belongs to nobody leaves nothing"


def test_a_server_that_answers_no_more_leaves_the_figures_with_3(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, clock: Clock, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with serving(Options(size="small"), lambda: clock.now) as url:
        report = ("--data-dir", tmp_path, "--base-url", url, "report", "rates", "--format", "json")
        before = meterdeck(*report)
        assert before.code == 0
    clock.now = SATURDAY + timedelta(minutes=5)
    gone = meterdeck(*report, "--wait", "0.5")
    with silent(url):
        slow = meterdeck(*report, "--wait", "0.6")
    for ended in (gone, slow):
        assert ended.code == 3
        assert ended.document["rows"] == before.document["rows"]
        assert ended.document["complete"] is False
        assert ended.err.startswith("meterdeck: ")
    assert "Not everything could be read within 0.6 s." in slow.err


def test_stores_lie_in_the_data_directory_and_are_the_user_s_alone(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, server: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    home, data = tmp_path / "home", tmp_path / "here" / "data"
    monkeypatch.setenv("HOME", str(home))
    assert meterdeck("--data-dir", data, "--base-url", server, "report", "rates").code == 0
    (store,) = data.rglob("*.db")
    assert store.stat().st_mode & 0o077 == 0
    assert not home.exists()
    assert KEY.encode() not in store.read_bytes()


def test_an_http_server_that_is_not_loopback_gets_no_key(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    ended = meterdeck("--data-dir", tmp_path, "--base-url", "http://api.example.com", "report", "rates")
    assert ended.code in {1, 2}
    assert "https" in ended.err
    assert "Traceback" not in ended.err

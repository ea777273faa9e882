"""Where a key goes by the word of the command line alone: to Anthropic and to this machine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.commands import KEY, Ended
from meterdeck.cli import destination
from meterdeck.config import COMMAND_LINE, Setting
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

Meterdeck = Callable[..., Ended]
RELAY = "https://relay.example/claude"


@pytest.mark.parametrize(
    ("url", "origin", "key"),
    [
        ("https://api.anthropic.com", COMMAND_LINE, KEY),
        ("https://API.anthropic.com/", COMMAND_LINE, KEY),
        ("http://127.0.0.1:8000", COMMAND_LINE, KEY),
        ("http://localhost:8000", COMMAND_LINE, KEY),
        (RELAY, "config.toml:3", KEY),
        (RELAY, COMMAND_LINE, "a-token-of-the-relay"),
        (RELAY, COMMAND_LINE, "sk-ant-oat01-a-token"),
    ],
)
def test_a_key_may_go_there(url: str, origin: str, key: str) -> None:
    destination.check(Setting(url, origin), Secret(key))


@pytest.mark.parametrize("url", [RELAY, "https://api.anthropic.com.example", "https://anthropic.com"])
def test_a_static_key_goes_to_no_other_host_by_the_command_line(url: str) -> None:
    with pytest.raises(UsageError, match="profile"):
        destination.check(Setting(url, COMMAND_LINE), Secret(KEY))


@pytest.mark.parametrize(
    "command",
    [["report", "rates"], ["query", "cost", "--start", "2026-11-01"], ["doctor"]],
    ids=lambda command: command[0],
)
def test_every_command_refuses_it_with_2_before_it_asks(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    ended = meterdeck("--data-dir", tmp_path / "data", "--base-url", RELAY, *command)
    assert ended.code == 2
    assert "relay.example only where the configuration names it" in ended.err + ended.out
    assert KEY not in ended.err + ended.out
    assert not (tmp_path / "data").exists()

"""The configuration file: read where it lies, and every wrong line named with its file, setting and reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.commands import KEY, Ended
from cli.conftest import Clock
from cli.servers import serving
from meterdeck import paths
from meterdeck.service.simulated.options import Options

Meterdeck = Callable[..., Ended]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('base_urll = "https://example.com"', ["no setting 'base_urll'", "base_url", "requests_per_hour"]),
        ("base_url = 7", ["base_url must be text"]),
        ('requests_per_hour = "many"', ["requests_per_hour must be a whole number"]),
        ("requests_per_hour = true", ["requests_per_hour must be a whole number"]),
        ("requests_per_hour = 0", ["requests_per_hour must lie between 1 and 1000"]),
        ("base_url = oops", ["1"]),
    ],
)
def test_a_wrong_line_is_named_with_file_setting_and_reason(
    meterdeck: Meterdeck, tmp_path: Path, text: str, words: list[str]
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(text, encoding="utf-8")
    ended = meterdeck("--demo", "--config", config, "--data-dir", tmp_path, "report", "rates", "--offline")
    assert (ended.code, ended.out) == (2, "")
    for word in [str(config), *words]:
        assert word in ended.err
    assert "Traceback" not in ended.err


def test_a_file_that_was_named_and_is_not_there_is_an_error(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--config", tmp_path / "none.toml", "report", "rates")
    assert ended.code == 2
    assert str(tmp_path / "none.toml") in ended.err


def test_bytes_that_are_no_text_are_an_error_and_no_crash(meterdeck: Meterdeck, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_bytes(b"\xff\xfe\x00")
    ended = meterdeck("--config", config, "report", "rates")
    assert ended.code == 2
    assert str(config) in ended.err


def test_the_server_of_the_file_is_asked_and_an_option_goes_before_it(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, clock: Clock, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    config = tmp_path / "mine.toml"
    report = ("--config", config, "--data-dir", tmp_path, "report", "rates", "--wait", "20")
    with serving(Options(size="small"), lambda: clock.now) as url:
        config.write_text(f'base_url = "{url}/"', encoding="utf-8")
        assert meterdeck(*report).code == 0
        config.write_text('base_url = "http://127.0.0.1:1"', encoding="utf-8")
        assert meterdeck("--base-url", url, *report).code == 0


def test_the_file_in_the_user_s_own_folder_is_found(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = paths.default_config()
    config.parent.mkdir(parents=True)
    config.write_text("colour = 1", encoding="utf-8")
    ended = meterdeck("--demo", "report", "rates", "--offline")
    assert ended.code == 2
    assert str(config) in ended.err
    assert "there is no setting 'colour'" in ended.err


def test_the_demo_needs_no_configuration_at_all(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--demo", "--data-dir", tmp_path / "data", "report", "rates")
    assert (ended.code, ended.err) == (0, "")
    assert [path.parent.name for path in (tmp_path / "data").rglob("*.db")] == ["demo"]

"""`meterdeck doctor` of this machine: configuration, key, store, terminal; and that nothing secret is said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cli.commands import KEY, Ended, run_process
from cli.conftest import Clock
from cli.servers import serving_app, telling_time
from meterdeck import paths
from meterdeck.api import AdminClient, Secret
from meterdeck.cli import connect
from meterdeck.cli.doctor.here import terminal_of
from meterdeck.cli.doctor.verdicts import Verdict, ok, scrubbed
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store
from meterdeck.store.index import KeyIndex
from meterdeck.store.schema import VERSION

Meterdeck = Callable[..., Ended]
URL = "http://127.0.0.1:9"
"""Nobody listens there."""


def verdict(ended: Ended, name: str) -> tuple[str, str, str]:
    """Verdict, words and hint of one check."""
    (found,) = [found for found in ended.document["checks"] if found["name"] == name]
    return found["verdict"], found["says"], found["hint"]


@pytest.fixture
def with_key(meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch) -> None:  # which empties the environment
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)


def live_store(data: Path, url: str = URL) -> Path:
    """Where the store of the key's organisation lies, which is known from here on."""
    KeyIndex(data, url).remember(Secret(KEY), "org")
    return paths.live_store(data, url, "org")


def test_the_demo_is_well(tmp_path: Path) -> None:
    ended = run_process("--demo", "--data-dir", str(tmp_path / "data"), "doctor", home=tmp_path)
    assert ended.err == ""
    assert "organisation Acme" in ended.out
    assert "fail" not in ended.out
    assert ended.code in {0, 1}  # the terminal is the machine's own


def test_it_does_not_fall_over_a_terminal_that_knows_ascii_alone(tmp_path: Path) -> None:
    ended = run_process("--data-dir", str(tmp_path / "ü"), "doctor", home=tmp_path, PYTHONIOENCODING="ascii")
    assert (ended.code, ended.err) == (2, "")
    assert "Something is broken." in ended.out


@pytest.mark.usefixtures("with_key")
def test_a_real_server_on_loopback_is_well(meterdeck: Meterdeck, clock: Clock, tmp_path: Path) -> None:
    app = demo_app(Options(size="small", accepted_key=KEY), clock=lambda: clock.now)
    with serving_app(telling_time(app, lambda: clock.now)) as url:
        ended = meterdeck("--data-dir", tmp_path / "data", "--base-url", url, "doctor", "--json")
    assert {verdict(ended, name)[0] for name in ("server", "clock", "usage report", "cost report")} == {"ok"}
    assert verdict(ended, "directory")[0] == "ok"


@pytest.mark.usefixtures("with_key")
def test_where_nobody_answers_the_rest_is_skipped(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--data-dir", tmp_path, "--base-url", URL, "doctor", "--json")
    assert ended.code == 2
    assert verdict(ended, "server")[0] == "fail"
    assert verdict(ended, "cost report") == ("skipped", "not asked: the server was not reached", "")
    assert verdict(ended, "clock")[0] == "skipped"


def test_without_a_key_it_says_how_to_give_one(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--data-dir", tmp_path, "doctor", "--json")
    assert ended.code == 2
    assert verdict(ended, "key")[0] == "fail"
    assert "ANTHROPIC_ADMIN_KEY" in verdict(ended, "key")[2]
    assert verdict(ended, "server")[:2] == ("skipped", "there is no key")
    assert list(tmp_path.rglob("*.db")) == []


def test_a_wrong_configuration_is_named_with_its_line(meterdeck: Meterdeck, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("\nrequests_per_hour = 0\n")
    ended = meterdeck("--config", file, "doctor", "--json")
    assert ended.code == 2
    assert verdict(ended, "configuration")[1].startswith("~/config.toml:2: requests_per_hour")
    assert verdict(ended, "store")[:2] == ("skipped", "the configuration is wrong")


@pytest.mark.usefixtures("with_key")
def test_a_store_that_others_can_read_and_that_can_t_be_closed_to_them_is_a_warning(
    meterdeck: Meterdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = live_store(tmp_path)
    Store(path).close()
    path.chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    found = verdict(meterdeck("--data-dir", tmp_path, "--base-url", URL, "doctor", "--json"), "store")
    assert found[0] == "warn"
    assert "0644" in found[1]
    assert found[2].startswith("Close it with: chmod 600 ~/organizations/")


@pytest.mark.usefixtures("with_key")
def test_a_newer_store_is_broken_and_nothing_is_asked(meterdeck: Meterdeck, tmp_path: Path) -> None:
    path = live_store(tmp_path)
    store = Store(path)
    store._connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    store.close()
    ended = meterdeck("--data-dir", tmp_path, "--base-url", URL, "doctor", "--json")
    assert ended.code == 2
    assert verdict(ended, "store")[0] == "fail"
    assert "newer meterdeck" in verdict(ended, "store")[1]
    assert verdict(ended, "server")[0] == "skipped"


@pytest.mark.usefixtures("with_key")
def test_a_damaged_store_is_set_aside_and_told(meterdeck: Meterdeck, tmp_path: Path) -> None:
    path = live_store(tmp_path)
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"no database at all" * 100)
    found = verdict(meterdeck("--data-dir", tmp_path, "--base-url", URL, "doctor", "--json"), "store")
    assert found[0] == "warn"
    assert "was damaged" in found[1]


@pytest.mark.parametrize(
    ("environment", "size", "encoding", "expected", "words"),
    [
        ({"TERM": "xterm-256color"}, (120, 40), "UTF-8", Verdict.OK, "theme meterdeck-dark"),
        ({"TERM": "xterm"}, (120, 40), "utf8", Verdict.OK, "16 colours"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, (120, 40), "utf-8", Verdict.OK, "NO_COLOR is set"),
        ({"TERM": "dumb"}, (120, 40), "utf-8", Verdict.WARN, "TERM=dumb"),
        ({}, (120, 40), "utf-8", Verdict.WARN, "(not set)"),
        ({"TERM": "xterm-256color"}, (120, 40), "ANSI_X3.4-1968", Verdict.WARN, "ANSI"),
        ({"TERM": "xterm-256color"}, (60, 20), "utf-8", Verdict.WARN, "60×20"),
    ],
)
def test_a_terminal_is_judged(
    environment: dict[str, str], size: tuple[int, int], encoding: str, expected: Verdict, words: str
) -> None:
    found = terminal_of(environment, size, encoding)
    assert (found.verdict, words in found.says) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        f"invalid key {KEY}.",
        "hint sk-ant-api03-R2D...igAA",
        "hint sk-ant-admin…igAA",
        "SK-ANT-ADMIN01-igAA",
        "Bearer igAA",
        "token eyJhbGciOiigAA.igAA",
        "proxy http://me:igAA@proxy:3128",
        "sk-ant-\x1b[0madmin01-igAA",
    ],
)
def test_nothing_that_looks_like_a_key_is_said(text: str) -> None:
    said = scrubbed(ok("server", text, text), [Secret(KEY)])
    assert "igAA" not in said.says + said.hint
    assert "invented" not in said.says + said.hint
    assert "removed" in said.says


def test_the_words_that_hints_need_stay() -> None:
    hint = "They need an Admin key (sk-ant-admin…); this is sk-ant-api01…."
    assert scrubbed(ok("key", "", hint), [Secret(KEY)]).hint == hint


def test_a_server_that_repeats_secrets_gets_none_into_the_ticket(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    token = "eyJhbGciOiJub25lIn0.invented-token"
    command = tmp_path / "give-key"
    command.write_text(f"#!/bin/sh\necho private-words >&2\necho {token}\n")
    command.chmod(0o700)
    file = tmp_path / "config.toml"
    file.write_text(f'key_command = ["{command}", "private-argument"]\n')

    def answer(request: httpx.Request) -> httpx.Response:
        words = f"\x1b]0;x\x07{request.headers['authorization']} {KEY} {tmp_path}/x sk-ant-api03-R2D...igAA"
        if request.url.path.endswith("/me"):
            return httpx.Response(200, json={"id": "1", "type": "organization", "name": words})
        return httpx.Response(403, json={"type": "error", "error": {"type": "e", "message": words}})

    def client_of(place: connect.Place, key: Secret) -> AdminClient:
        return AdminClient(place.base_url, key, via=httpx.MockTransport(answer))

    monkeypatch.setattr(connect, "client_of", client_of)
    arguments = ("--config", file, "--base-url", URL, "doctor")
    for ended in (meterdeck(*arguments), meterdeck(*arguments, "--json")):
        everything = ended.out + ended.err + (json.dumps(ended.document) if ended.out[0] == "{" else "")
        for secret in (token, "eyJ", KEY, "invented", "private", "igAA", str(tmp_path), "\x1b", "\\u001b"):
            assert secret not in everything
        assert "an OAuth token, from the key command give-key" in everything
        assert ended.code == 2

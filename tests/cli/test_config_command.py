"""`meterdeck config init`, `show` and `path`, and `--profile`, as a user meets them."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from answers import ADMIN_KEY
from meterdeck import config
from meterdeck.app.session import Session
from meterdeck.cli import connect, main
from meterdeck.cli.arguments import parse
from meterdeck.credentials import KEY_VARIABLES

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "configuration.md"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in KEY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("HOME", "")):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in argv])
    said = capsys.readouterr()
    assert ADMIN_KEY not in said.out + said.err
    return code, said.out, said.err


def shown(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> dict[str, list[str]]:
    """The rows of `config show`: what each setting is and where it comes from."""
    code, out, err = run(capsys, *argv, "config", "show")
    assert (code, err) == (0, "")
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in out.splitlines()]
    assert all(len(row) == 3 for row in rows)
    return {row[0]: row[1:] for row in rows}


def written(home: Path, text: str) -> Path:
    path = home / "own.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_init_writes_a_private_file_that_sets_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "config", "init")
    path = Path(run(capsys, "config", "path")[1].strip())
    assert code == 0
    assert str(path) in out
    assert path.is_relative_to(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8") == config.TEMPLATE
    assert config.load(path, required=True) == config.Config(path)


def test_init_makes_the_file_private_whatever_the_umask(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.umask(0)
    try:
        run(capsys, "--config", home / "new" / "c.toml", "config", "init")
    finally:
        os.umask(before)
    assert stat.S_IMODE((home / "new" / "c.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "new").stat().st_mode) == 0o700


def test_init_overwrites_nothing_not_even_where_a_link_points(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(home, "requests_per_hour = 7\n")
    link = home / "link.toml"
    link.symlink_to(home / "elsewhere.toml")
    for taken in (path, link):
        code, out, err = run(capsys, "--config", taken, "config", "init")
        assert (code, out) == (2, "")
        assert f"There is a configuration file already: {taken}." in err
    assert path.read_text(encoding="utf-8") == "requests_per_hour = 7\n"
    assert not (home / "elsewhere.toml").exists()


def test_init_where_nothing_can_be_written_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(home, "") / "c.toml"
    code, _, err = run(capsys, "--config", path, "config", "init")
    assert code == 2
    assert "can't be written: Not a directory" in err


def test_every_line_that_the_file_switches_off_is_good_when_switched_on(home: Path) -> None:
    switched_on = [
        line.removeprefix("# ")
        for line in config.TEMPLATE.splitlines()
        if line.startswith("# [") or (line.startswith("# ") and " = " in line)
    ]
    first_table = next(index for index, line in enumerate(switched_on) if line.startswith("["))
    top, tables = switched_on[:first_table], switched_on[first_table:]
    assert len(top) == 12
    for line in top[:-1]:
        config.load(written(home, line), required=True)
    held = config.load(written(home, "\n".join([top[-1], *tables])), required=True)
    assert held.profiles == ("acme", "relay")
    assert held.profile.value == "acme"
    assert (held.theme.value, held.theme.origin.rpartition(":")[0]) == ("auto", str(held.file))
    assert [str(setting.value.usd) for setting in held.budgets] == ["50000"]
    assert list(held.views) == ["launch"]
    at_the_top = config.load(written(home, "\n".join(tables)), required=True, profile="relay")
    assert [str(setting.value.usd) for setting in at_the_top.budgets] == ["200000", "9500.50", "1500", "80"]
    assert tomllib.loads(config.TEMPLATE) == {}


def test_the_documentation_shows_the_file_as_it_is_written() -> None:
    assert f"```toml\n{config.TEMPLATE}```\n" in DOCUMENTATION.read_text(encoding="utf-8")


def test_show_tells_every_setting_and_where_it_comes_from(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        home,
        'requests_per_hour = 45\nprofile = "acme"\n\n[profiles.acme]\n'
        'organization = "org-1"\nkey_command = "pass show --private acme"\n[profiles.beta]\n',
    )
    rows = shown(capsys, "--config", path, "--base-url", "http://127.0.0.1:8787/")
    assert rows == {
        "setting": ["value", "from"],
        "config file": [str(path), "command line"],
        "data folder": [str(home / "state" / "meterdeck"), "default"],
        "profile": ["acme", f"{path}:2"],
        "base_url": ["http://127.0.0.1:8787", "command line"],
        "ca_bundle": ["none of its own", "default"],
        "organization": ["org-1", f"{path}:5"],
        "requests_per_hour": ["45", f"{path}:1"],
        "timezone": ["UTC", "default"],
        "theme": ["auto", "default"],
        "chart": ["blocks", "default"],
        "export_folder": ["where it is started", "default"],
        "key": ["the key command pass", f"{path}:6"],
        "profiles": ["acme, beta", str(path)],
    }


def test_show_names_the_source_of_the_key_and_never_the_key(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    neither = f"the environment variable {' or '.join(KEY_VARIABLES)} (not set)"
    assert shown(capsys)["key"] == [neither, "default"]
    monkeypatch.setenv("ANTHROPIC_ADMIN_API_KEY", ADMIN_KEY)
    assert shown(capsys)["key"] == ["the environment variable ANTHROPIC_ADMIN_API_KEY (set)", "environment"]
    (home / "key").write_text(ADMIN_KEY, encoding="utf-8")
    for line, said in {
        "key_file = 'key'": f"the key file {home / 'key'}",
        "key_env = 'ACME_KEY'": "the environment variable ACME_KEY (not set)",
        "keyring = 'meterdeck/acme'": "the keyring's entry meterdeck/acme",
    }.items():
        path = written(home, line)
        assert shown(capsys, "--config", path)["key"] == [said, f"{path}:1"]


def test_show_runs_no_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown(capsys, "--config", written(home, f"key_command = ['touch', '{home / 'touched'}']"))
    assert not (home / "touched").exists()


def test_a_profile_is_chosen_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(home, "[profiles.acme]\nrequests_per_hour = 9\n")
    rows = shown(capsys, "--config", path, "--profile", "acme")
    assert rows["profile"] == ["acme", "command line"]
    assert rows["requests_per_hour"] == ["9", f"{path}:2"]


@pytest.mark.parametrize(
    ("argv", "text", "said"),
    [
        (
            ("config", "show"),
            "requests_per_hours = 9",
            "own.toml:1: there is no setting 'requests_per_hours'",
        ),
        (("report", "rates", "--offline"), "a = ", "own.toml:1: this is no TOML"),
        (("--profile", "beta", "config", "show"), "", "there is no profile 'beta'"),
        (("report", "rates"), "key_file = 'nothing'", "nothing can't be read: No such file"),
        (("report", "rates"), "key_env = 'UNSET_HERE'", "UNSET_HERE, which should hold the key, is not set"),
        (("report", "rates"), "key_command = 'false'", "The key command false failed with exit code 1"),
        (
            ("report", "rates"),
            f"key_file = '{ADMIN_KEY}'",
            "own.toml:1: key_file holds what looks like a key",
        ),
    ],
)
def test_a_wrong_configuration_ends_with_2_and_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], text: str, said: str
) -> None:
    code, out, err = run(capsys, "--config", written(home, text), *argv)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("meterdeck: ")
    assert err.count("\n") == 1


def test_an_odd_key_is_warned_of_once(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, lines in (("sk-ant-api01-of-enterprise", 1), (ADMIN_KEY, 0), ("eyJ-a-token", 0)):
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", key)
        place = connect.place_of(parse([]))
        assert connect.live_session(place) is not None
        err = capsys.readouterr().err
        assert err.count("\n") == lines
        assert key not in err


def test_an_organisation_that_is_named_keeps_its_store_when_the_key_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(home, "[profiles.acme]\norganization = 'org-1'\n")
    place = connect.place_of(parse(["--config", str(path), "--profile", "acme"]))
    for key in (ADMIN_KEY, "eyJ-a-token"):
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", key)
        session = connect.live_session(place)
        assert isinstance(session, Session)
        assert session.store == connect.offline_store(place)

"""The configuration file: what it may say, whose word counts, and how a wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from answers import ADMIN_KEY
from meterdeck import config
from meterdeck.config import Config
from meterdeck.config.settings import OF_TOP
from meterdeck.credentials import KEY_VARIABLES, EnvironmentKey, KeyCommand, KeyFile, KeyringEntry
from meterdeck.domain.errors import UsageError

TWO_ORGANISATIONS = """\
profile = "acme"
requests_per_hour = 50
key_env = "SHARED_KEY"
organization = "org-shared"

[profiles.acme]
base_url = "https://relay.example/"
key_command = "pass show 'anthropic admin'"

[profiles.beta]
requests_per_hour = 10
"""


@pytest.fixture(autouse=True)
def no_key_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def loaded(file: Path, text: str, *, profile: str | None = None, base_url: str | None = None) -> Config:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return config.load(file, required=True, profile=profile, base_url=base_url)


def refusal(file: Path, text: str, *, profile: str | None = None, base_url: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(file, text, profile=profile, base_url=base_url)
    assert ADMIN_KEY not in str(caught.value) + repr(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    held = config.load(file, required=False)
    assert held == Config(file)
    assert (held.base_url.value, held.requests_per_hour.value) == ("https://api.anthropic.com", 60)
    assert held.key_source.value == EnvironmentKey(KEY_VARIABLES)


def test_a_file_that_was_named_must_exist(file: Path) -> None:
    with pytest.raises(UsageError, match="There is no configuration file"):
        config.load(file, required=True)


def test_the_two_settings_of_old_files_still_work(file: Path) -> None:
    held = loaded(file, 'base_url = "http://127.0.0.1:8787"\nrequests_per_hour = 1\n')
    assert (held.base_url.value, held.base_url.origin) == ("http://127.0.0.1:8787", f"{file}:1")
    assert (held.requests_per_hour.value, held.requests_per_hour.origin) == (1, f"{file}:2")


def test_a_profile_counts_before_the_top_and_the_top_before_the_default(file: Path) -> None:
    acme = loaded(file, TWO_ORGANISATIONS)
    assert (acme.profile.value, acme.profile.origin) == ("acme", f"{file}:1")
    assert (acme.base_url.value, acme.base_url.origin) == ("https://relay.example", f"{file}:7")
    assert (acme.requests_per_hour.value, acme.requests_per_hour.origin) == (50, f"{file}:2")
    assert acme.key_source.value == KeyCommand(("pass", "show", "anthropic admin"))
    assert acme.profiles == ("acme", "beta")


def test_the_theme_is_the_screens_and_the_command_line_counts_before_it(file: Path) -> None:
    held = loaded(file, "profile = 'p'\n[profiles.p]\n[screen]\ntheme = 'nord'\n")
    assert (held.theme.value, held.theme.origin) == ("nord", f"{file}:4")
    held = config.load(file, required=True, theme="solarized-dark")
    assert (held.theme.value, held.theme.origin) == ("solarized-dark", "command line")
    assert loaded(file, "").theme.value == "auto"


def test_the_command_line_counts_before_everything(file: Path) -> None:
    beta = loaded(file, TWO_ORGANISATIONS, profile="beta", base_url="http://localhost:1/")
    assert (beta.profile.value, beta.profile.origin) == ("beta", "command line")
    assert (beta.base_url.value, beta.base_url.origin) == ("http://localhost:1", "command line")
    assert beta.requests_per_hour.value == 10
    assert beta.key_source.value == EnvironmentKey(("SHARED_KEY",), required=True)


def test_an_organisation_goes_with_its_key(file: Path) -> None:
    assert loaded(file, TWO_ORGANISATIONS, profile="beta").organization.value == "org-shared"
    assert loaded(file, TWO_ORGANISATIONS, profile="acme").organization.value is None


def test_each_source_of_a_key_is_understood(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    for line, source in {
        'key_file = "keys/acme"': KeyFile(file.parent / "keys/acme"),
        'key_file = "/run/key"': KeyFile(Path("/run/key")),
        'key_file = "~/key"': KeyFile(Path("/home/ada/key")),
        "key_command = 'op read \"op://Work/Admin Key\" $HOME'": KeyCommand(
            ("op", "read", "op://Work/Admin Key", "$HOME")
        ),
        'key_command = ["vault", "a b"]': KeyCommand(("vault", "a b")),
        'key_command = "~/bin/key"': KeyCommand(("/home/ada/bin/key",)),
        'keyring = "meterdeck/acme"': KeyringEntry("meterdeck", "acme"),
        'keyring = "https://a.b/c/acme"': KeyringEntry("https://a.b/c", "acme"),
    }.items():
        held = loaded(file, line)
        assert (held.key_source.value, held.key_source.origin) == (source, f"{file}:1"), line


def test_a_bundle_of_authorities_is_a_path_from_the_files_folder(file: Path) -> None:
    held = loaded(file, 'ca_bundle = "acme.pem"')
    assert (held.ca_bundle.value, held.ca_bundle.origin) == (file.parent / "acme.pem", f"{file}:1")
    held = loaded(file, "ca_bundle = 'a'\nprofile = 'p'\n[profiles.p]\nca_bundle = '/b'")
    assert held.ca_bundle.value == Path("/b")
    assert loaded(file, "").ca_bundle.value is None


def test_a_key_is_read_from_its_source_with_the_organisation_it_must_have(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARED_KEY", ADMIN_KEY)
    held = loaded(file, TWO_ORGANISATIONS, profile="beta")
    key = held.key()
    assert key is not None
    assert (key.reveal(), key.organization) == (ADMIN_KEY, "org-shared")
    assert ADMIN_KEY not in repr(held)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN_KEY)
    plain = loaded(file, "")
    assert plain.key_source.origin == "environment"
    assert plain.key() == key


def test_a_file_that_everybody_can_write_to_runs_no_command(file: Path) -> None:
    held = loaded(file, 'key_command = "false"')
    file.chmod(0o602)
    with pytest.raises(UsageError, match="everybody can write to it"):
        held.key()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\n\nbase_ulr = 'x'", 3, "there is no setting 'base_ulr' (did you mean base_url?)"),
        ("xyzzy = 1", 1, "there is no setting 'xyzzy'. Known: profile, base_url"),
        ("[profiles.a]\n# note\nprofile = 'a'", 3, "there is no setting 'profile'"),
        ("[profiles.a]\nrequests_per_hours = 2", 2, "(did you mean requests_per_hour?)"),
        ("[profile.acme]\nbase_url = 'x'", 1, "not a table; profiles are tables such as [profiles.acme]"),
        ("requests_per_hour = '60'", 1, "requests_per_hour must be a whole number, not text"),
        ("requests_per_hour = 60.0", 1, "not a number with a point"),
        ("requests_per_hour = true", 1, "not true or false"),
        ("requests_per_hour = 0", 1, "must lie between 1 and 1000"),
        ("requests_per_hour = 1001", 1, "must lie between 1 and 1000"),
        ("# a\nbase_url = 7", 2, "base_url must be text in quotes, not a number"),
        ("base_url = 2026-11-17", 1, "not a date or time"),
        ("base_url = 'http://example.com'", 1, "base_url can't be used: Refusing to send an Admin key"),
        ("base_url = 'https://user:word@example.com'", 1, "may hold only a scheme"),
        ("base_url = ''", 1, "must be text of one line, and not empty"),
        ("organization = 'Acme Ltd.'", 1, "must be an organisation's id"),
        ("key_env = '$KEY'", 1, "must be the name of an environment variable"),
        ("key_file = '~nobody-of-that-name/key'", 1, "the home of a user who does not exist"),
        ("key_command = 'pass \"open'", 1, "has a quotation that does not end"),
        ("key_command = []", 1, "names no program"),
        ("key_command = ['pass', 7]", 1, "must be text in quotes, not a number"),
        ("keyring = 'acme'", 1, 'must be "service/username"'),
        (
            "key_env = 'A'\n\nkey_file = 'b'",
            3,
            "key_file is one source too many: key_env gives the key already",
        ),
        ("[profiles.a]\nkey_file='b'\nkey_command='c'", 3, "key_file gives the key already"),
        ("profiles = 3", 1, "profiles must be tables, such as [profiles.acme]"),
        ("profiles.a = 3", 1, "a must be a table: [profiles.a]"),
        ("[profiles.'a b']\n", 1, "a profile's name may hold only letters"),
        (
            "\nprofile = 'acne'\n[profiles.acme]\n",
            2,
            "there is no profile 'acne' (did you mean acme?). Known: acme.",
        ),
        ("\nbase_url = \n", 2, "this is no TOML: invalid value"),
        ("a = 1\na = 2\n", 2, "this is no TOML: cannot overwrite a value"),
        ("a = '''\n\n", 2, "this is no TOML:"),
        ("a = " + "[" * 5000, 1, "this is no TOML:"),
        ("key_command = [\n  'pass',\n  'x',\n]\nrequests_per_hour = 'x'", 5, "whole number"),
        ("requests_per_hour = [\n 1,\n]\n", 1, "not a list"),
        ("[profiles]\na = { requests_per_hour = 'x' }", 2, "whole number"),
        ("[profiles.a]\n[profiles.b]\n  requests_per_hour = -1", 3, "between 1 and 1000"),
        ('base_url = """a\nx"""\n\nb = 1', 1, "text of one line"),
        ("[a.b]\n", 1, "there is no setting 'a'"),
        ("[[profiles]]\n", 1, "profiles must be tables"),
        ("screen = 3", 1, "screen must be a table: [screen]"),
        (
            "[screen]\nthema = 'nord'",
            2,
            "there is no setting 'thema' (did you mean theme?). Known: theme, chart.",
        ),
        ("[screen]\n\ntheme = 7", 3, "theme must be text in quotes, not a number"),
        ("[screen]\nchart = 'dots'", 2, "chart must be blocks or braille"),
        ("[screen]\ntheme = 'a b'", 2, "theme must be the name of a theme"),
        ("[profiles.a]\ntheme = 'nord'", 2, "there is no setting 'theme'"),
    ],
)
def test_a_wrong_line_is_named_with_the_reason(file: Path, text: str, line: int, reason: str) -> None:
    said = refusal(file, text)
    assert said.startswith(f"{file}:{line}: ")
    assert reason in said


@pytest.mark.parametrize("name", [name for name in OF_TOP if name != "requests_per_hour"])
def test_a_key_pasted_into_any_setting_is_refused_and_not_repeated(file: Path, name: str) -> None:
    said = refusal(file, f"\n{name} = '{ADMIN_KEY}'")
    assert said == f"{file}:2: {name} holds what looks like a key itself."


@pytest.mark.parametrize(
    "text",
    [
        f"key = '{ADMIN_KEY}'",
        f"api_key = '{ADMIN_KEY}'",
        f"Admin-Key = '{ADMIN_KEY}'",
        f"{ADMIN_KEY} = 1",
        f"[profiles.x]\ntoken = '{ADMIN_KEY}'",
        f"[profiles.{ADMIN_KEY}]",
        f"key_command = ['echo', '{ADMIN_KEY}']",
        f"key_command = 'echo {ADMIN_KEY}'",
        f"profile = '{ADMIN_KEY}'",
        f"base_url = 'https://{ADMIN_KEY}@api.anthropic.com'",
        f"requests_per_hour = '{ADMIN_KEY}'",
        f"{ADMIN_KEY}",
        f"key = {ADMIN_KEY}",
    ],
)
def test_no_error_repeats_a_key_that_stands_in_the_file(file: Path, text: str) -> None:
    assert str(file) in refusal(file, text)


def test_a_key_on_the_command_line_is_not_repeated_either(file: Path) -> None:
    assert "--base-url holds what looks like a key" in refusal(file, "", base_url=ADMIN_KEY)
    assert "there is no profile … in" in refusal(file, "", profile=ADMIN_KEY)


def test_a_profile_that_is_not_there_is_named_with_those_that_are(file: Path) -> None:
    said = refusal(file, TWO_ORGANISATIONS, profile="betta")
    assert f"--profile: there is no profile 'betta' (did you mean beta?) in {file}." in said
    assert "Known: acme, beta." in said
    assert "It has none" in refusal(file, "", profile="acme")


def test_a_server_on_the_command_line_is_held_to_the_same_rules(file: Path) -> None:
    assert "--base-url can't be used: Refusing" in refusal(file, "", base_url="http://example.com")
    assert "--base-url must be text of one line" in refusal(file, "", base_url="")


def test_profiles_that_are_not_in_use_are_checked_too(file: Path) -> None:
    assert f"{file}:12: " in refusal(file, TWO_ORGANISATIONS + "keyring = 1")


def test_a_file_that_is_no_text_or_no_file_is_refused(file: Path) -> None:
    file.write_bytes(b"a = 1\nb = '\xff'")
    with pytest.raises(UsageError, match=":2: this is no UTF-8 text"):
        config.load(file, required=True)
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        config.load(file.parent, required=True)
    file.write_text("#" * 300_000, encoding="utf-8")
    with pytest.raises(UsageError, match="far too long"):
        config.load(file, required=True)

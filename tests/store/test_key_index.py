"""The index from keys to organisations: it finds, it tells nothing, and it is never needed."""

import stat
from pathlib import Path

import pytest

from meterdeck.domain.secret import Secret
from meterdeck.store.index import KeyIndex

URL = "https://api.example"
KEY, OTHER = Secret("sk-ant-admin01-invented"), Secret("sk-ant-admin01-another")


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_a_key_that_was_told_of_is_found_again_and_no_other(tmp_path: Path) -> None:
    KeyIndex(tmp_path, URL).remember(KEY, "org-1")
    assert KeyIndex(tmp_path, URL).find(KEY) == "org-1"
    assert KeyIndex(tmp_path, URL).find(OTHER) is None
    assert KeyIndex(tmp_path, "https://another.example").find(KEY) is None


def test_what_was_told_last_holds(tmp_path: Path) -> None:
    index = KeyIndex(tmp_path, URL)
    index.remember(KEY, "org-1")
    index.remember(KEY, "org-2")
    assert index.find(KEY) == "org-2"
    assert len(files(tmp_path / "keys")) == 1


def test_looking_for_a_key_makes_nothing(tmp_path: Path) -> None:
    assert KeyIndex(tmp_path / "data", URL).find(KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_neither_names_nor_contents_hold_a_key_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    KeyIndex(tmp_path / "data", URL).remember(KEY, "org-1")
    for path in files(tmp_path):
        assert b"sk-ant" not in path.read_bytes()
        assert "sk-ant" not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_another_installation_names_the_same_key_otherwise(tmp_path: Path) -> None:
    for home in ("one", "two"):
        KeyIndex(tmp_path / home, URL).remember(KEY, "org-1")
    one, two = (files(tmp_path / home / "keys") for home in ("one", "two"))
    assert one[0].name != two[0].name


@pytest.mark.parametrize("salt", [b"", b"short"])
def test_a_spoiled_salt_loses_what_was_known_and_is_made_anew(tmp_path: Path, salt: bytes) -> None:
    index = KeyIndex(tmp_path, URL)
    index.remember(KEY, "org-1")
    (tmp_path / "salt").write_bytes(salt)
    assert index.find(KEY) is None
    index.remember(KEY, "org-1")
    assert index.find(KEY) == "org-1"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_spoiled_entry_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    index = KeyIndex(tmp_path, URL)
    index.remember(KEY, "org-1")
    (entry,) = files(tmp_path / "keys")
    entry.write_bytes(content)
    assert index.find(KEY) is None


def test_where_nothing_can_be_kept_nothing_is_lost_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    index = KeyIndex(tmp_path / "file", URL)
    index.remember(KEY, "org-1")
    assert index.find(KEY) is None

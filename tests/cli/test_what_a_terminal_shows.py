"""What the locale says of a terminal, and what Python says in its place."""

import pytest

from meterdeck.cli.terminal import speaks_utf8


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),  # what macOS sends along a line
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # Python put it there (PEP 538)
        ({"LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_CTYPE": ""}, True),
        ({}, False),
    ],
    ids=str,
)
def test_the_locale_that_counts_decides(environment: dict[str, str], said: bool) -> None:
    assert speaks_utf8(environment, "utf-8") is said


def test_where_python_writes_another_encoding_no_locale_helps() -> None:
    assert not speaks_utf8({"LANG": "en_US.UTF-8"}, "iso8859-1")

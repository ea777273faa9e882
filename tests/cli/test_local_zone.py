"""Which zone `u` turns to."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
import tzlocal

from meterdeck.cli.local_zone import local_zone


def test_the_configured_zone_is_local_time() -> None:
    assert local_zone(ZoneInfo("Europe/Berlin")) == ZoneInfo("Europe/Berlin")


def test_without_one_it_is_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone", lambda: ZoneInfo("Asia/Kolkata"))
    assert local_zone(UTC) == ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC"])
def test_a_machine_on_utc_has_no_other_time_to_turn_to(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone", lambda: ZoneInfo(name))
    assert local_zone(UTC) is UTC

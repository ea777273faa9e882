"""The zone that local time means: the configuration's, else this machine's."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfoNotFoundError


def local_zone(configured: tzinfo) -> tzinfo:
    """The configured zone unless that is UTC; then the machine's, or UTC where it does not say which that is."""
    if configured is not UTC:
        return configured
    import tzlocal

    try:
        zone = tzlocal.get_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
    return UTC if zone.key in _UTC_NAMES else zone


_UTC_NAMES = {"UTC", "Etc/UTC", "Etc/UCT", "Etc/GMT", "GMT", "Zulu", "Etc/Zulu", "Universal"}

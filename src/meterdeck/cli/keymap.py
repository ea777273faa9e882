"""The deck's commands with the keys of the configuration."""

from __future__ import annotations

from meterdeck import config
from meterdeck.app.commands import REGISTRY, Registry
from meterdeck.app.commands.keymap import Wish, with_wishes


def registry_of(settings: config.Config) -> Registry:
    """Every command, with the user's keys; raises `UsageError` with the line of a key that can't be."""
    if not settings.keys:
        return REGISTRY
    return with_wishes({command: Wish(keys.value, keys.origin) for command, keys in settings.keys})

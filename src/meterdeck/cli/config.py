"""`meterdeck config`: write the file, show what holds and why, say where it lies."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from meterdeck import config, paths
from meterdeck.cli import connect
from meterdeck.credentials import EnvironmentKey
from meterdeck.domain.budgets import Budget
from meterdeck.domain.errors import UsageError
from meterdeck.domain.money import plain

Row = tuple[str, str, str]


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; return 0."""
    path: Path = arguments.config or paths.default_config()
    if arguments.action == "init":
        write(path)
        print(f"Wrote {path}. Nothing is set in it yet: edit it, then check with: meterdeck config show")
    elif arguments.action == "path":
        print(path)
    else:
        _show(arguments, path)
    return 0


def write(path: Path) -> None:
    """Write the commented file, readable by its owner alone; raises `UsageError` where anything lies there."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise UsageError(
            f"There is a configuration file already: {path}.",
            next="It was left as it is. Look at it with: meterdeck config show",
        ) from None
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(config.TEMPLATE)


def _show(arguments: argparse.Namespace, path: Path) -> None:
    place = connect.place_of(arguments)
    held = place.config
    there = path.exists()
    file_origin = config.COMMAND_LINE if arguments.config else config.DEFAULT
    rows: list[Row] = [
        ("config file", str(path) if there else f"{path} (not there)", file_origin),
        (
            "data folder",
            str(place.data_dir),
            config.COMMAND_LINE if arguments.data_dir else config.DEFAULT,
        ),
        ("profile", held.profile.value or "none", held.profile.origin),
        ("base_url", held.base_url.value, held.base_url.origin),
        ("ca_bundle", str(held.ca_bundle.value or "none of its own"), held.ca_bundle.origin),
        ("organization", held.organization.value or "any", held.organization.origin),
        ("requests_per_hour", str(held.requests_per_hour.value), held.requests_per_hour.origin),
        ("timezone", str(held.timezone.value), held.timezone.origin),
        ("export_folder", str(held.export_folder.value or "where it is started"), held.export_folder.origin),
        *(_budget(setting) for setting in held.budgets),
        ("theme", held.theme.value, held.theme.origin),
        ("chart", held.chart.value, held.chart.origin),
        *((f"key of {command}", " ".join(keys.value), keys.origin) for command, keys in held.keys),
        *((f"view {name}", f"by {view.value.by.word}", view.origin) for name, view in held.views.items()),
        ("key", _key(held), held.key_source.origin),
        ("profiles", ", ".join(held.profiles) or "none", str(path) if there else config.DEFAULT),
    ]
    _print([("setting", "value", "from"), *rows])


def _budget(setting: config.Setting[Budget]) -> Row:
    budget = setting.value
    owner = "organisation" if budget.dimension is None else f"{budget.dimension.title} {budget.member}"
    return f"budget of {owner}", f"{budget.period.setting} = {plain(budget.usd)}", setting.origin


def _key(held: config.Config) -> str:
    """Which source gives the key. Nothing is read or run for it, and the key is never shown."""
    source = held.key_source.value
    if not isinstance(source, EnvironmentKey):
        return source.title
    if source.found_in(os.environ) is not None:
        return f"{source.title} (set)"
    return f"the environment variable {' or '.join(source.variables)} (not set)"


def _print(rows: list[Row]) -> None:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, origin in rows:
        print(f"{name:<{first}}  {value:<{second}}  {origin}")

"""What holds in the end: command line, then profile, then top level, then default; each value with its origin."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Generic, TypeVar

from meterdeck.config import budgets, keys, settings, views
from meterdeck.config.document import Document, Names
from meterdeck.config.settings import KEY_SOURCES, OF_PROFILE, OF_SCREEN, OF_TOP, Check
from meterdeck.config.views import View
from meterdeck.credentials import EnvironmentKey, Key, KeyCommand, KeySource, obtain, obtain_again
from meterdeck.domain.budgets import Budget
from meterdeck.domain.errors import UsageError
from meterdeck.domain.servers import OFFICIAL_URL

DEFAULT, COMMAND_LINE, ENVIRONMENT = "default", "command line", "environment"
DEFAULT_REQUESTS_PER_HOUR = 60
DEFAULT_THEME = "auto"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it came from: `default`, `command line`, `environment`, or file:line."""

    value: T
    origin: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for one session."""

    file: Path
    profiles: tuple[str, ...] = ()
    profile: Setting[str | None] = Setting(None)
    base_url: Setting[str] = Setting(OFFICIAL_URL)
    ca_bundle: Setting[Path | None] = Setting(None)
    organization: Setting[str | None] = Setting(None)
    requests_per_hour: Setting[int] = Setting(DEFAULT_REQUESTS_PER_HOUR)
    key_source: Setting[KeySource] = Setting(EnvironmentKey())
    timezone: Setting[tzinfo] = Setting(UTC)
    """Whose hours and weekdays the rhythm of use is told by."""
    budgets: tuple[Setting[Budget], ...] = ()
    """Those of the profile in use if it has any, else those at the top."""
    theme: Setting[str] = Setting(DEFAULT_THEME)
    """The name of the screen's colours."""
    chart: Setting[str] = Setting(settings.CHARTS[0])
    """What its charts and lines are drawn with."""
    keys: tuple[tuple[str, Setting[tuple[str, ...]]], ...] = ()
    """Keys of the deck's commands, as they are written; which can be, the deck's registry says."""
    export_folder: Setting[Path | None] = Setting(None)
    """Where exports are written; None: the folder that the session was started in."""
    views: Mapping[str, Setting[View]] = field(default_factory=dict)

    def key(self) -> Key | None:
        """Read the key; None where none is configured and the environment has none. Raises `KeyUnavailable`."""
        if isinstance(self.key_source.value, KeyCommand):
            _check_own(self.file)
        return obtain(self.key_source.value, self.organization.value)

    async def key_again(self) -> Key | None:
        """Read the key while a screen is up: a command is kept from the terminal. Raises `KeyUnavailable`."""
        source = self.key_source.value
        if not isinstance(source, KeyCommand):
            return self.key()
        _check_own(self.file)
        return await obtain_again(source, self.organization.value)


def load(
    path: Path,
    *,
    required: bool,
    profile: str | None = None,
    base_url: str | None = None,
    theme: str | None = None,
) -> Config:
    """Read the file at ``path`` and put the command line's ``profile``, ``base_url`` and ``theme`` over it.

    The whole file is checked, profiles that are not in use too. Raises `UsageError` with file, line and reason.
    """
    document = Document.read(path, required=required)
    top, screen, profiles = _checked(document)
    saved = views.checked(document, document.content.get(views.SETTING, {}))
    chosen: Setting[str | None] = top.get("profile", Setting(None))
    if profile is not None:
        chosen = Setting(profile, COMMAND_LINE)
    own = _profile(document, profiles, chosen)
    over: Table = {}
    if base_url is not None:
        over["base_url"] = _option("--base-url", base_url, settings.base_url)
    if theme is not None:
        over["theme"] = _option("--theme", theme, settings.theme)
    return Config(
        file=path,
        profiles=tuple(profiles),
        profile=chosen,
        base_url=_first("base_url", over, own, top) or Setting(OFFICIAL_URL),
        ca_bundle=_first("ca_bundle", own, top) or Setting(None),
        organization=_organization(own, top),
        requests_per_hour=_first("requests_per_hour", own, top) or Setting(DEFAULT_REQUESTS_PER_HOUR),
        key_source=_source(own) or _source(top) or _environment(),
        timezone=_first("timezone", own, top) or Setting(UTC),
        budgets=_budgets(own) or _budgets(top),
        theme=_first("theme", over, screen) or Setting(DEFAULT_THEME),
        chart=_first("chart", screen) or Setting(settings.CHARTS[0]),
        keys=_keys(document),
        export_folder=_first("export_folder", own, top) or Setting(None),
        views={name: Setting(view, place) for name, (view, place) in saved.items()},
    )


Table = dict[str, Setting[Any]]


def _checked(document: Document) -> tuple[Table, Table, dict[str, Table]]:
    """Every setting of the file, each good by itself: at the top, of the screen, of each profile."""
    content = dict(document.content)
    content.pop(keys.SETTING, None)  # the deck's, whatever the profile
    screen = content.pop("screen", {})
    if type(screen) is not dict:
        raise _bad(document, ("screen",), "must be a table: [screen]")
    content.pop(views.SETTING, None)
    tables = content.pop("profiles", {})
    if type(tables) is not dict:
        raise _bad(document, ("profiles",), "must be tables, such as [profiles.acme]")
    top = _table(document, content, (), OF_TOP)
    profiles = {}
    for name, table in tables.items():
        names = ("profiles", name)
        try:
            settings.profile(name, document.path)
        except ValueError as error:
            raise UsageError(f"{document.at(names)}: a profile's name {_end(error)}") from None
        if type(table) is not dict:
            raise _bad(document, names, f"must be a table: [profiles.{name}]")
        profiles[name] = _table(document, table, names, OF_PROFILE)
    return top, _screen(document, screen), profiles


def _screen(document: Document, content: Mapping[str, Any]) -> Table:
    names = ("screen",)
    for name in content:
        if name not in OF_SCREEN:
            raise settings.unknown(document.at((*names, name)), name, OF_SCREEN)
    return _table(document, content, names, OF_SCREEN)


def _table(document: Document, content: Mapping[str, Any], above: Names, known: Mapping[str, Check]) -> Table:
    checked: dict[str, Any] = {}
    for name, value in content.items():
        if name == budgets.SETTING:
            checked[name] = budgets.checked(document, value, above)
            continue
        if name not in known:
            place = document.at((*above, name))
            names = (
                *known,
                budgets.SETTING,
                *([] if above else [keys.SETTING, views.SETTING, "profiles", "screen"]),
            )
            raise settings.unknown(place, name, names)
        try:
            checked[name] = known[name](value, document.path.parent)
        except ValueError as error:
            raise _bad(document, (*above, name), str(error)) from None
    sources = [name for name in checked if name in KEY_SOURCES]
    if len(sources) > 1:
        raise _bad(
            document, (*above, sources[1]), f"is one source too many: {sources[0]} gives the key already"
        )
    return {name: Setting(value, document.at((*above, name))) for name, value in checked.items()}


def _bad(document: Document, names: Names, reason: str) -> UsageError:
    return UsageError(f"{document.at(names)}: {names[-1]} {_end(reason)}")


def _end(reason: object) -> str:
    return f"{str(reason).rstrip('.')}."


def _option(flag: str, value: str, check: Check) -> Setting[Any]:
    try:
        return Setting(check(value, Path()), COMMAND_LINE)
    except ValueError as error:
        raise UsageError(f"{flag} {_end(error)}") from None


def _profile(document: Document, profiles: Mapping[str, Table], chosen: Setting[str | None]) -> Table:
    """The settings of the profile in use; none where no profile is."""
    if chosen.value is None:
        return {}
    if chosen.value in profiles:
        return profiles[chosen.value]
    name = settings.shown(chosen.value) + settings.near(chosen.value, profiles)
    known = (
        f"Known: {', '.join(profiles)}." if profiles else "It has none; add a table such as [profiles.acme]."
    )
    if chosen.origin == COMMAND_LINE:
        raise UsageError(f"--profile: there is no profile {name} in {document.path}.", next=known)
    raise UsageError(f"{chosen.origin}: there is no profile {name}.", next=known)


def _first(name: str, *tables: Table) -> Setting[Any] | None:
    return next((table[name] for table in tables if name in table), None)


def _source(table: Table) -> Setting[KeySource] | None:
    return next((setting for name, setting in table.items() if name in KEY_SOURCES), None)


def _budgets(table: Table) -> tuple[Setting[Budget], ...]:
    held = table.get(budgets.SETTING)
    return () if held is None else tuple(Setting(budget, place) for budget, place in held.value)


def _keys(document: Document) -> tuple[tuple[str, Setting[tuple[str, ...]]], ...]:
    table = keys.checked(document, document.content.get(keys.SETTING, {}))
    return tuple((command, Setting(wanted, place)) for command, (wanted, place) in table.items())


def _organization(own: Table, top: Table) -> Setting[str | None]:
    """Whose key it must be. It goes with the key: a profile with a key of its own does not take it from above."""
    tables = (own,) if _source(own) else (own, top)
    return _first("organization", *tables) or Setting(None)


def _environment() -> Setting[KeySource]:
    source = EnvironmentKey()
    return Setting(source, ENVIRONMENT if source.found_in(os.environ) else DEFAULT)


def _check_own(file: Path) -> None:
    """Who can write this file can make us run anything."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return  # it was read a moment ago; nothing is lost if it is gone
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise UsageError(
            f"{file} names a key command, and everybody can write to it (mode {stat.S_IMODE(mode):04o}).",
            next=f"Close it with: chmod 600 {file}",
        )

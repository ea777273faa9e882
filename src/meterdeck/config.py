"""The configuration file: TOML, checked, every wrong line named."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from meterdeck.domain.errors import UsageError

OFFICIAL_URL = "https://api.anthropic.com"


@dataclass(frozen=True, slots=True)
class Config:
    """What a user can set; the defaults need no file."""

    base_url: str = OFFICIAL_URL
    requests_per_hour: int = 60


def load(path: Path, *, required: bool) -> Config:
    """Read a configuration file; raises `UsageError` that names file, setting and reason."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise UsageError(f"There is no configuration file {path}.") from None
        return Config()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"The configuration file {path} can't be read: {error}.") from None
    types = {"base_url": str, "requests_per_hour": int}
    for name, value in document.items():
        if name not in types:
            raise UsageError(f"{path}: there is no setting {name!r}.", next=f"Known: {', '.join(types)}.")
        if type(value) is not types[name]:
            raise UsageError(f"{path}: {name} must be {_WORDS[types[name]]}, not {value!r}.")
    config = Config(**document)
    if not 1 <= config.requests_per_hour <= 1000:
        raise UsageError(f"{path}: requests_per_hour must lie between 1 and 1000.")
    return config


_WORDS: dict[type, str] = {str: "text", int: "a whole number"}

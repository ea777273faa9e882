"""Where things lie: the store and the configuration in each platform's own folders, the styles beside the code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs

HERE = Path(__file__).parent


def styles_dir() -> Path:
    """The folder of .tcss files: inside the wheel, or at the top of an editable checkout."""
    return next(d for d in (HERE / "styles", HERE.parents[1] / "styles") if d.is_dir())


def default_data_dir() -> Path:
    """The folder of stores: what can be read again from the API, so state and not documents."""
    return Path(platformdirs.user_state_dir("meterdeck", appauthor=False))


def default_config() -> Path:
    """The configuration file that is read if it exists."""
    return Path(platformdirs.user_config_dir("meterdeck", appauthor=False)) / "config.toml"


def demo_store(data_dir: Path, name: str) -> Path:
    """The embedded organisation's own store; ``name`` tells its seed and edition."""
    return data_dir / "demo" / f"{name}.db"


def live_store(data_dir: Path, base_url: str, organization: str) -> Path:
    """One store for each base URL and organisation, whatever key reads it; ids are alike in either case."""
    return data_dir / "organizations" / f"{_digest(base_url, 8)}-{_digest(organization.lower(), 16)}.db"


def known_live_stores(data_dir: Path, base_url: str) -> list[Path]:
    """The stores that were filled from one base URL."""
    return sorted((data_dir / "organizations").glob(f"{_digest(base_url, 8)}-*.db"))


def last_view(store: Path) -> Path:
    """Where the view that was left last is kept: beside its store, for it is of that organisation."""
    return store.with_suffix(".last.toml")


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]

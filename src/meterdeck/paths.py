"""Where things lie: the store and the configuration in each platform's own folders, the styles beside the code."""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret

HERE = Path(__file__).parent
_SALT_BYTES = 32


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


def live_store(data_dir: Path, base_url: str, key: Secret) -> Path:
    """One store for each base URL and key. The name is an HMAC under this installation's salt: it tells nothing."""
    digest = hmac.new(_salt(data_dir), f"{base_url}\0{key.reveal()}".encode(), hashlib.sha256).hexdigest()
    return data_dir / "live" / f"{_server(base_url)}-{digest[:16]}.db"


def known_live_stores(data_dir: Path, base_url: str) -> list[Path]:
    """The stores that were filled from one base URL, with whatever key."""
    return sorted((data_dir / "live").glob(f"{_server(base_url)}-*.db"))


def _server(base_url: str) -> str:
    return hashlib.sha256(base_url.encode()).hexdigest()[:8]


def _salt(data_dir: Path) -> bytes:
    path = data_dir / "salt"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with suppress(FileExistsError):  # another session came first
                file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.write(file, os.urandom(_SALT_BYTES))
                os.close(file)
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The folder {data_dir} can't be used: {error}.",
            next="Check its rights and free space, or choose another with --data-dir.",
        ) from None

"""How the process of a command ends: with all that was written, and without waiting for anything else."""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process. Python would go on to wait for every thread, half a minute for one at a name server."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        os._exit(code)
    raise SystemExit(code)

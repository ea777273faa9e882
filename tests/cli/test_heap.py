"""Memory that the C library keeps: one heap for all threads, where it can be told."""

import ctypes
import subprocess
import sys

import pytest

from meterdeck.cli import heap

_COUNTED = """
import ctypes, sys, threading
from meterdeck.cli import heap

if "small" in sys.argv:
    heap.keep_small()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)

def allocate():
    libc.malloc(1000)
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fdopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
"""


def heaps(*arguments: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", _COUNTED, *arguments], capture_output=True, text=True, check=True
    ).stdout
    return told.count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library than GNU's")
def test_all_threads_share_one_heap() -> None:
    assert heaps() > 1
    assert heaps("small") == 1


def test_another_c_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    heap.keep_small()

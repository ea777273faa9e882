"""How a command that asks the network runs: it waits for no thread that hangs at a name server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Unwaited(ThreadPoolExecutor):
    """Threads that the loop leaves behind when it closes: what was awaited is done, the rest was given up."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().shutdown(wait=False, cancel_futures=True)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run`, but without waiting for threads at its end: see `ending`."""

    async def on_loop() -> Result:
        asyncio.get_running_loop().set_default_executor(_Unwaited())
        return await work

    return asyncio.run(on_loop())

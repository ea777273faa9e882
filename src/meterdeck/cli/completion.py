"""`meterdeck completion`: a script for a shell, made from the arguments that argparse knows."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from meterdeck.cli import arguments as all_arguments

_BY_METAVAR = {"FILE": "FILE", "DIR": "DIRECTORY"}


def run(arguments: argparse.Namespace) -> int:
    """Print the script; return 0."""
    print(script(arguments.shell))
    return 0


def script(shell: str) -> str:
    """What a shell reads to complete our command line; it starts no meterdeck."""
    import shtab

    parser = all_arguments.whole()
    for action in _actions(parser):
        if isinstance(action.metavar, str) and action.metavar in _BY_METAVAR:
            action.complete = getattr(shtab, _BY_METAVAR[action.metavar])  # type: ignore[attr-defined] # shtab's way
    made: str = shtab.complete(parser, shell)
    return made


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001 - argparse tells them in no other way
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for one in action.choices.values():
                yield from _actions(one)

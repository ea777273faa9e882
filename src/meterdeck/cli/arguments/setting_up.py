"""`config`, `themes`, `doctor` and `serve`: what is used once, and when something is wrong."""

from __future__ import annotations

import argparse

from meterdeck.cli import values
from meterdeck.cli.arguments.shared import Command, add_demo


def _add_config(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for action, does in (
        ("init", "write a file with every setting explained; never over another"),
        ("show", "print every setting and where its value comes from; never the key"),
        ("path", "print where the file lies, or would lie"),
    ):
        kinds.add_parser(action, help=does, description=does.capitalize() + ".", allow_abbrev=False)
    parser.set_defaults(run=_run_config)


def _add_themes(themes: argparse.ArgumentParser) -> None:
    themes.set_defaults(run=_run_themes)


def _add_keys(keys: argparse.ArgumentParser) -> None:
    keys.add_argument(
        "--format", choices=("table", "markdown", "json"), default="table", help="default: %(default)s"
    )
    keys.set_defaults(run=_run_keys)


def _add_completion(completion: argparse.ArgumentParser) -> None:
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(run=_run_completion)


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--json", action="store_true", help="print one JSON document, fit for a ticket")
    add_demo(doctor, "check with the simulated organisation")
    doctor.set_defaults(run=_run_doctor)


def _add_serve(serve: argparse.ArgumentParser) -> None:
    add_demo(serve, "serve the simulated organisation")
    serve.add_argument(
        "--port", type=values.port, default=8787, help="0 takes a free one (default: %(default)s)"
    )
    serve.add_argument(
        "--seed", type=int, default=1, help="another seed is another organisation (default: %(default)s)"
    )
    serve.add_argument(
        "--size", choices=("small", "normal", "large"), default="normal", help="default: %(default)s"
    )
    serve.add_argument(
        "--today",
        choices=("partial", "empty", "absent", "refused"),
        default="partial",
        help="what the bill says of today (default: %(default)s)",
    )
    serve.add_argument(
        "--shape",
        choices=("nested", "flat"),
        default="nested",
        help="how answers are worded: the official shape or an older flat one",
    )
    serve.set_defaults(run=_run_serve)


def _run_config(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.config import run

    return run(arguments)


def _run_themes(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.themes import run

    return run(arguments)


def _run_keys(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.keys import run

    return run(arguments)


def _run_completion(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.completion import run

    return run(arguments)


def _run_doctor(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.doctor import run

    return run(arguments)


def _run_serve(arguments: argparse.Namespace) -> int:
    from meterdeck.cli.serve import run

    return run(arguments)


COMMANDS = (
    Command(
        "config",
        "write, show or find the configuration file",
        _add_config,
    ),
    Command(
        "themes",
        "list the themes, and what is wrong with theme files",
        _add_themes,
        description="List the themes, and what is wrong with theme files. Exit code 1: a file can't be used.",
    ),
    Command(
        "keys",
        "print every key and command of the deck, with the keys of the configuration",
        _add_keys,
    ),
    Command(
        "completion",
        "print a script that completes meterdeck's arguments in a shell",
        _add_completion,
        description="Print a script for a shell: in bash, source <(meterdeck completion bash) in ~/.bashrc; "
        "in zsh, a file _meterdeck on the fpath; in fish, ~/.config/fish/completions/meterdeck.fish.",
    ),
    Command(
        "doctor",
        "check key, server, reports, clock, terminal and store; say what is wrong",
        _add_doctor,
        description="Check what has to work, with at most six requests, and say what to do about what does not. "
        "Exit code 0: all is well, 1: something needs attention, 2: something is broken. "
        "Nothing secret is printed.",
    ),
    Command(
        "serve",
        "speak the Admin API on a loopback port, for the simulated organisation",
        _add_serve,
        description="Speak the Admin API on a loopback port. Needs the extra: pip install 'meterdeck[serve]'.",
    ),
)

"""The command line: argparse first, everything heavy after the command is known."""

from __future__ import annotations


def main() -> int:
    """Run the command line and return its exit code."""
    return 0

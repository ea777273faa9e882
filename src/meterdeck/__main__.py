"""Run the command line: ``python -m meterdeck``."""

from meterdeck.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

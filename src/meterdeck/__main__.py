"""Run the command line: ``python -m meterdeck``."""

from meterdeck.cli import end

if __name__ == "__main__":
    end()

"""The words of the command line: which command is meant, and what its argument says. Without the terminal."""

"""Commands for commands: the command line, the palette and the help; colours, profiles, and the way out."""

from meterdeck.app.commands.model import Argument, Command, Takes, Where

ASKING = (
    Command("line.open", ("colon",), "open_line", "A command by its name, with its argument", Where.DECK, "command", ":", name="command", stays=True),
    Command("line.find", ("ctrl+p",), "find_command", "Find a command by any of its words", Where.DECK, shown_key="^p", name="find"),
    Command("app.theme", (), "", "Other colours", Where.DECK, name="theme", takes=Takes(Argument.THEME, "change_theme", is_required=True)),
    Command("app.chart", (), "", "Charts and lines of blocks or of braille dots", Where.DECK, name="chart", takes=Takes(Argument.CHART, "change_chart", is_required=True)),
    Command("app.profile", (), "", "Another organisation of the configuration", Where.DECK, name="profile", takes=Takes(Argument.PROFILE, "change_profile", is_required=True)),
    Command("app.help", ("question_mark",), "app.help", "Help: every key, every sign", Where.EVERYWHERE, "help", "?", name="help", stays=True),
    Command("app.quit", ("q",), "app.quit", "Quit", Where.EVERYWHERE, "quit", name="quit"),
    Command("app.interrupt", ("ctrl+c", "ctrl+q"), "app.quit", "Quit from anywhere", Where.EVERYWHERE, shown_key="^c", priority=True),
    Command("app.suspend", ("ctrl+z",), "app.suspend", "To the shell; fg comes back", Where.EVERYWHERE, shown_key="^z", priority=True, name="suspend"),
)  # fmt: skip

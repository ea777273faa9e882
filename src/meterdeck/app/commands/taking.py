"""Commands that take something along: copies, files, views to come back to."""

from meterdeck.app.commands.model import Argument, Command, Takes, Where

TAKING = (
    Command("take.row", ("y",), "copy_row", "Copy the row as one line (OSC 52, tmux)", Where.DECK, "copy", name="copy", panes=("breakdown", "costs"), needs_rows=True),
    Command("take.incident", ("Y",), "copy_incident", "Copy the state of this scope as one line", Where.DECK, name="copy-summary", needs_rows=True),
    Command("take.export", ("e",), "export", "Write what the pane shows to a file", Where.DECK, "export", name="export", needs_rows=True),
    Command("take.save", (), "", "Save this view under a name", Where.DECK, name="save", takes=Takes(Argument.VIEW_NAME, "save_view", is_required=True)),
    Command("take.replace", (), "", "Save this view over another", Where.DECK, name="save!", takes=Takes(Argument.VIEW_NAME, "save_view_over", is_required=True)),
    Command("take.open", (), "", "Open a saved view", Where.DECK, name="open", takes=Takes(Argument.VIEW, "open_view", is_required=True)),
    Command("take.resume", (), "resume_last", "What was on show when it was last left", Where.DECK, name="resume"),
)  # fmt: skip
EXPORT = (
    Command("export.csv", ("c",), "choose('csv')", "CSV", Where.EXPORT, "CSV"),
    Command("export.json", ("j",), "choose('json')", "JSON", Where.EXPORT, "JSON"),
    Command("export.markdown", ("m",), "choose('md')", "Markdown", Where.EXPORT, "Markdown"),
    Command("export.svg", ("s",), "choose('svg')", "SVG: the screen as a picture", Where.EXPORT, "SVG"),
    Command("export.choose", ("enter",), "choose_row", "The form under the cursor", Where.EXPORT, "write", "⏎"),
    Command("export.down", ("down", "ctrl+n"), "cursor_down", "Cursor down", Where.EXPORT, shown_key="↓"),
    Command("export.up", ("up", "ctrl+p"), "cursor_up", "Cursor up", Where.EXPORT, shown_key="↑"),
    Command("export.cancel", ("escape",), "cancel", "Write nothing", Where.EXPORT, "cancel", "esc"),
)  # fmt: skip

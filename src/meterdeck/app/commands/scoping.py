"""Commands that say whose usage is on show."""

from meterdeck.app.commands.model import Argument, Command, Takes, Where

SCOPING = (
    Command("deck.enter", ("enter",), "narrow", "Narrow to the row or bucket; open a day of Costs", Where.DECK, "in", "⏎", name="in", panes=("breakdown", "costs"), needs_rows=True),
    Command("deck.back", ("escape", "backspace"), "widen", "Go back one step", Where.DECK, "out", "esc", name="out"),
    Command("deck.workspace", ("w",), "pick('workspace_id')", "Choose workspaces", Where.DECK, "workspace", name="workspace", takes=Takes(Argument.WORKSPACE, "keep_workspaces")),
    Command("deck.model", ("m",), "pick('model')", "Choose models", Where.DECK, "model", name="model", takes=Takes(Argument.MODEL, "keep_models")),
    Command("deck.key", (), "", "Only these API keys; all of them: all", Where.DECK, name="key", takes=Takes(Argument.API_KEY, "keep_keys", is_required=True)),
    Command("deck.by", ("b",), "next_dimension", "By the next dimension; Costs has its own", Where.DECK, "by", name="by", takes=Takes(Argument.DIMENSION, "split_by"), panes=("breakdown", "costs")),
    Command("deck.swap", ("minus",), "swap_scope", "To the scope before this one, and forth", Where.DECK, shown_key="-", name="swap"),
    Command("deck.measure", ("dollar_sign",), "switch_measure", "Tokens or dollars", Where.DECK, shown_key="$", name="measure"),
)  # fmt: skip

"""The calm screen for a user without a key."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.screen import Screen
from textual.widgets import Static

from meterdeck.app.commands import Where, bindings_of, registry_of
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.credentials import KEY_VARIABLES

_TEXT = """\
There is no Admin key yet. Give one in the environment, and start again:

    export {variable}=…
    meterdeck

No key at hand? Press {key} for the demo: a simulated organisation, without a key and without the network.

meterdeck reads the Usage and Cost reports of your organisation. They need an Admin API key (sk-ant-admin…), which a \
member with the admin role can make in the Console. A file, a command or the system's keyring can hold it too: \
meterdeck config init. The key is sent to the API alone, and stored nowhere.
"""


class NoKeyScreen(Screen[None]):
    """Says how to give a key, and offers the demo with one key press."""

    BINDINGS = bindings_of(Where.NO_KEY)

    def compose(self) -> ComposeResult:
        """Lay out a short text and the footer."""
        with VerticalGroup(classes="calm"):
            yield Static("meterdeck", classes="calm-title", markup=False)
            key = registry_of(self.app).of("no_key.demo").key_label
            yield Static(_TEXT.format(variable=KEY_VARIABLES[0], key=key), markup=False)
        yield KeyFooter(Where.NO_KEY)

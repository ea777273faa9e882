"""One key at a time, in the order they came, however many come at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.message import Message

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message_pump import MessagePump

AT_ONCE = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that lead out from anywhere, past all that wait."""
LOOK_AGAIN_S = 0.25
"""When to look whether what the next key waits for is gone."""


class KeysInOrder(App[None]):
    """An app in which a key is done when all is done that the key before it set going.

    Keys come together on a slow line, out of a paste, from `tmux send-keys`. Textual hands each on at once, through the
    queues of the widget with the keyboard and of all around it, but asks for priority bindings before that: Enter would
    overtake the letters in front of it, and letters would miss the field that a key in front of them opens.
    """

    class Passed(Message):
        """Goes the way of a key, right behind it: where this has been, the key was."""

        def __init__(self, *, again: bool) -> None:
            super().__init__()
            self.again = again
            """Whether to go once more, behind what the key has set going."""

    def __init__(self, driver_class: type[Driver] | None = None, *, ansi_color: bool | None = None) -> None:
        super().__init__(driver_class=driver_class, ansi_color=ansi_color)
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._on_its_way: MessagePump | None = None
        """Where the key that is being done was sent."""

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait until the one before it is done."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        key = event.key if isinstance(event, events.Key) else ""
        if key in AT_ONCE:
            await super().on_event(event)
            return
        if key == "escape" and self._waiting and self._on_its_way is None:
            self._waiting.clear()  # nothing but `must_wait` holds them
            return
        self._waiting.append(event)
        await self.go_on_with_keys()
        if self._waiting:
            self.set_timer(LOOK_AGAIN_S, self.go_on_with_keys)

    def must_wait(self, event: events.Key | events.Paste) -> bool:  # noqa: ARG002 - for who knows more
        """Whether a key means what is not there yet; Escape takes back what waits. Then call `go_on_with_keys`."""
        return False

    async def go_on_with_keys(self) -> None:
        """Do the next key, if it can be done now."""
        if self._on_its_way is not None and not self._on_its_way.is_attached:
            self._on_its_way = None  # it was taken away, and what followed the key with it
        if self._waiting and self._on_its_way is None and not self.must_wait(self._waiting[0]):
            await super().on_event(self._waiting.popleft())
            self._follow(again=True)

    async def on_keys_in_order_passed(self, message: Passed) -> None:
        """The key was handed on to the last; wait for what it has set going, then for the next key."""
        self._on_its_way = None
        if message.again:
            self._follow(again=False)
        else:
            await self.go_on_with_keys()

    def _follow(self, *, again: bool) -> None:
        """Send word after a key. A screen that opens just now takes it when its field has the keyboard."""
        if self.screen_stack:
            self._on_its_way = self.focused or self.screen
            self._on_its_way.post_message(self.Passed(again=again))

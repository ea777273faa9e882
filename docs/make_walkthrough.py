"""Write the walkthrough of an incident: real screens of the deck over the simulated organisation (`make walkthrough`)."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from app.decks import Clock, Server, Shown, World, opened_deck  # noqa: E402 - found a line above
from meterdeck.service.simulated.options import Options  # noqa: E402
from meterdeck.store import Store, marks  # noqa: E402

# A Wednesday: a launch since 19:05, and since 18:20 a key that runs away.
MOMENT = datetime(2026, 11, 18, 19, 28, tzinfo=UTC)
LAUNCH = datetime(2026, 11, 18, 19, 5, tzinfo=UTC)
SIZE = (80, 24)
PATH = HERE / "walkthrough.md"
BEGINNING = """\
# An incident, step by step

It is launch day, and the pager says that spend is up. Every screen below is the real deck at 80×24 over the simulated
organisation, drawn by `make walkthrough`.
"""


@dataclass(frozen=True)
class Step:
    """What is pressed (in Textual's names, and as a person writes it), and what is to be seen."""

    keys: tuple[str, ...]
    written: str
    told: str


def typed(text: str) -> tuple[str, ...]:
    """The keys of a text."""
    return tuple("space" if char == " " else "colon" if char == ":" else char for char in text)


STEPS = (
    Step(
        (),
        "",
        "The first line of figures answers *how fast*: `~$/h` and its arrow. Rates shows the hour that runs, hatched, and the mark"
        " of the launch. Breakdown answers *who*: prod-chat is up, as it should be; evals is up too, and nobody launched that.",
    ),
    Step(
        ("greater_than_sign", "greater_than_sign", "s"),
        "`>` `>` `s`",
        "Sorted by `~$/h`, evals stands right behind prod-chat, and `Δ1h` says how much it has grown in an hour.",
    ),
    Step(("j", "enter"), "`j` `⏎`", "Into evals. By model: one of them explains it."),
    Step(("enter",), "`⏎`", "Into the model. By API key: there is the key."),
    Step(
        ("enter", "T", "T", "comma"),
        "`⏎` `T` `T` `,`",
        "Into the key, down to an hour by its minutes, and to the hour before this one: there is the step. Minutes that are not"
        " kept are fetched.",
    ),
    Step(
        ("left",) * 9,
        "`←` …",
        "`←` reads the chart off, minute by minute: here the climb begins.",
    ),
    Step(
        ("escape", *typed(":since 18:20"), "enter"),
        "`esc` `:since 18:20` `⏎`",
        "From that minute until now: `Σ` says what it took and, as an estimate, what it has cost.",
    ),
)
END = """\
`Y` copies one line for the incident channel, `e` writes what is seen to a file, `:save runaway` keeps the view, `-` goes back to
the launch:

```
{line}
```
"""


async def screens(folder: Path) -> list[str]:
    """The screen after each step, and what `Y` copies in the end."""
    clock = Clock(MOMENT)
    world = World(folder / "store.db", clock, Server(clock, Options()))
    await world.fill()
    store = Store(world.store)
    with store.write() as transaction:
        marks.add(transaction, LAUNCH, "T0 launch")
    store.close()
    found = []
    async with opened_deck(world, SIZE) as shown:
        await shown.until(lambda: shown.breakdown.table.rows[0].cells[2].text != "—", "an hour ago is read")
        for step in STEPS:
            await shown.press(*step.keys)
            await shown.until(lambda: _is_read(shown), "the deck shows what was asked for")
            found.append(shown.text)
        await shown.press("Y")
        await shown.until(lambda: bool(shown.app.clipboard), "the line is copied")
        found.append(shown.app.clipboard)
    return found


def _is_read(shown: Shown) -> bool:
    deck = shown.deck.deck
    if deck is None or deck.question != shown.deck.question or shown.screen is not shown.deck:
        return False
    return deck.scope.is_live or all(bar.amount is not None for bar in deck.rates.bars)


def page(found: list[str]) -> Iterator[str]:
    """The text, with the screens in it."""
    yield BEGINNING
    for number, (step, screen) in enumerate(zip(STEPS, found, strict=False), 1):
        yield f"## {number}. {step.written or 'The deck'}\n"
        yield f"{step.told}\n"
        yield f"```\n{screen}\n```\n"
    yield "## Take it along\n"
    yield END.format(line=found[-1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PATH.write_text("\n".join(page(asyncio.run(screens(Path(name))))), encoding="utf-8")
    print(f"wrote {PATH}")

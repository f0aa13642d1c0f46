"""The live view on a terminal: below the story so far, what is running now and for how long."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import Open, TaskState
from conductor.doors.cli.render.cells import cut
from conductor.doors.cli.render.output import Output, count, safe
from conductor.doors.cli.render.story import WIDEST
from conductor.events import AgentRequested, ChecksRequested, SubtaskRequested, type_of
from conductor.ids import EffectId

if TYPE_CHECKING:
    from rich.spinner import Spinner
    from rich.table import Table

REFRESH = 4  # times a second


class LiveView:
    """Redraws itself until closed. `see` takes each new state."""

    def __init__(self) -> None:
        self._state: TaskState | None = None
        self._since: dict[EffectId, float] = {}
        self._spinner: Spinner | None = None  # one for all frames, as it keeps its own position

    def see(self, state: TaskState) -> None:
        now = time.monotonic()
        self._since = {k: self._since.get(k, now) for k, held in state.open.items() if held.claim_version}
        self._state = state

    def draw(self) -> Table:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        self._spinner = self._spinner or Spinner("dots")
        grid = Table.grid(padding=(0, 2))
        state = self._state
        if state is None:
            return grid
        for effect, since in self._since.items():
            held = state.open.get(effect)
            if held is not None:
                where, what = _where(held), _what(held)
                took = Text(f"{time.monotonic() - since:.0f} s", "dim")
                grid.add_row(self._spinner, Text(where, "cyan"), Text(what), took)
        done = sum(1 for p in state.phases.values() if p.status in PHASE_DONE)
        grid.add_row("", Text(f"{done} of {count(len(state.phases), 'phase')}", "dim"), Text(state.status, "dim"), "")
        return grid


@contextlib.contextmanager
def live(output: Output) -> Iterator[LiveView]:
    """The view, drawn only on a terminal; meanwhile `output` prints above it."""
    view = LiveView()
    if not (output.terminal and output.colour):
        yield view
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console()
    with Live(get_renderable=view.draw, console=console, refresh_per_second=REFRESH, transient=True):
        output.printer = lambda line: console.print(Text.from_ansi(line), soft_wrap=True)
        try:
            yield view
        finally:
            output.printer = None


def _where(held: Open) -> str:
    request = held.request
    phase = "whole" if request.phase is None else f"phase {request.phase}"
    return cut(safe(f"{phase}, {request.module}" if request.module else phase), WIDEST)


def _what(held: Open) -> str:
    match held.request:
        case AgentRequested(role=role):
            return role
        case ChecksRequested(checks=wanted):
            return f"checks, {len(held.done)} of {len(wanted)} done"
        case SubtaskRequested(subtask=subtask):
            return f"subtask {subtask}"
        case request:
            return type_of(request).partition(".")[0]

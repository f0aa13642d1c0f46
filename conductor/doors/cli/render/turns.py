"""An agent's transcript, event by event, for people to read. All of it is an agent's text, and made safe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from conductor.decoding import bounded
from conductor.doors.cli.render.output import Output, count, safe
from conductor.doors.cli.render.quote import rows as rows_of
from conductor.doors.cli.render.times import moment
from conductor.envelope import Recorded
from conductor.events import (
    AttemptEnded,
    AttemptResumed,
    AttemptStarted,
    ContextCompacted,
    ProgramEnded,
    ProgramStarted,
    ResultDiverged,
    ToolReturned,
    TryFailed,
    TurnSaid,
)
from conductor.log.blobs import Blobs
from conductor.text import visible

HEAD, TAIL = 16, 8  # first and last lines shown of a long text
WIDTH = 400  # characters shown of a long line
OLD = ("old", "old_string")  # tool arguments shown as a diff
NEW = ("new", "new_string", "text", "content")
_LINES = re.compile(r'( *)((?:"(?:[^"\\]|\\.)*": )?)("(?:[^"\\]|\\.)*\\n(?:[^"\\]|\\.)*"),?')  # of several lines
NAMED = ("command", "path", "file_path", "line", "first", "last", "pattern")


class Teller:
    """Prints events in order. `full`: long texts are shown in full."""

    def __init__(self, output: Output, blobs: Blobs, *, full: bool) -> None:
        self._output = output
        self._blobs = blobs
        self._full = full
        self._left = 0
        self._tools: dict[str, str] = {}  # by call

    def tell(self, event: Recorded) -> None:
        paint = self._output.paint
        match event.body:
            case AttemptStarted() as body:
                where = "the whole" if body.phase is None else f"phase {body.phase}"
                where += f", {body.module}" if body.module else ""
                title = paint(safe(f"{body.role}, {where}, attempt {body.attempt}"), "bold")
                said = f"({safe(body.agent)}, {moment(event.envelope.time)})"
                self._output.wrapped(f"{title}  {said}", rest="  ")
                self._rule("briefing")
                self._text(self._blob(body.briefing))
            case TurnSaid() as body:
                self._turn(body, event.envelope.time)
            case ToolReturned() as body:
                self._tools.setdefault(body.call, "?")
                self._note(
                    "failed" if body.error else "returned", self._tools[body.call], "red" if body.error else "green"
                )
                self._text(self._blob(body.result), indent=4)
            case ResultDiverged() as body:
                self._note(
                    "differs",
                    f"{self._tools.get(body.call, '?')} returned a different result from the original:",
                    "yellow",
                )
                self._text(self._blob(body.result), indent=4, style="dim")
            case TryFailed() as body:
                wait = f"; next try after {body.wait:g} s" if body.wait else ""
                self._note(f"try {body.number} failed", f"{body.kind}: {body.error}{wait}", "yellow")
                self._odd(body.odd)
            case ContextCompacted() as body:
                self._compacted(body)
            case AttemptResumed() as body:
                what = "at the interrupted call" if body.call else "from its start"
                self._note("resumed", f"turn {body.turn} continues {what}", "yellow")
            case ProgramStarted() as body:
                self._note("started", f"{body.why or 'a program'} {body.session}", "dim")
            case ProgramEnded() as body:
                self._program_ended(body)
            case AttemptEnded() as body:
                self._ended(body)

    def _turn(self, body: TurnSaid, time: str) -> None:
        heading = [
            f"turn {body.turn}",
            moment(time),
            body.model,
            f"{body.usage.total:,} tokens" if body.usage.total else "",
        ]
        self._rule(", ".join(filter(None, heading)))
        self._odd(body.odd)
        message = _object(self._blob(body.message))
        self._text(str(message.get("text", "")))
        self._tools = {}
        for call in message.get("calls", ()):
            arguments = call["arguments"]
            self._tools[call["id"]] = safe(call["tool"])
            self._call(call["tool"], arguments if isinstance(arguments, dict) else {"unreadable": arguments})

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """Named arguments go on the tool's line, or below it if they have several lines; old and new text as a diff."""
        known = [str(arguments[n]) for n in NAMED if arguments.get(n) not in (None, "")]
        named = " ".join(visible(text) for text in known if "\n" not in text)
        self._line("calls", f"{safe(tool)} {self._short(named)}", "cyan")
        for text in known:
            if "\n" in text:
                self._text(text, indent=4)
        for names, sign, colour in ((OLD, "-", "red"), (NEW, "+", "green")):
            for name in names:
                if isinstance(arguments.get(name), str):
                    self._text(arguments[name], indent=4, style=colour, sign=sign)
        rest = {n: v for n, v in arguments.items() if n not in (*OLD, *NEW, *NAMED)}
        if rest:
            self._text(_readable(rest), indent=4)

    def _odd(self, figures: Iterable[str]) -> None:
        for figure in figures:
            self._note("not counted", figure, "yellow")

    def _compacted(self, body: ContextCompacted) -> None:
        self._odd(body.odd)
        if body.summary:
            self._note("compacted", f"the turns up to {body.turn} are replaced by this summary:", "yellow")
            self._text(self._blob(body.summary), indent=4)
        else:
            self._note("compacted", f"the results of the turns up to {body.upto} are omitted", "yellow")

    def _program_ended(self, body: ProgramEnded) -> None:
        cost = f", ${body.cost:.2f} by its own account" if body.cost else ""
        self._note("ended", f"{body.result}{cost}", "dim")
        if body.error:
            self._note("error", body.error, "red")
        self._odd(body.odd)
        if body.denied:
            self._note("denied", ", ".join(body.denied), "yellow")

    def _ended(self, body: AttemptEnded) -> None:
        self._rule("report" if body.report else "end")
        colour = "green" if body.verdict == "PASS" else "red"
        verdict = self._output.paint(safe(body.verdict), colour, "bold")
        self._output.wrapped(f"{verdict} after {count(body.turns, 'turn')}  {safe(body.reason)}", rest="  ")
        if body.report:
            self._text(_readable(_object(self._blob(body.report))))

    def _note(self, what: str, text: str, style: str) -> None:
        self._line(what, safe(text), style)

    def _line(self, what: str, text: str, style: str) -> None:
        self._output.wrapped(text, first=f"  {self._output.paint(what, style)} ", rest="    ")

    def _rule(self, title: str) -> None:
        line = "──" if self._output.unicode else "--"
        self._output.text()
        self._output.wrapped(self._output.paint(f"{line} {safe(title)}", "dim"), rest="   ")

    def _text(self, text: str, *, indent: int = 0, style: str = "", sign: str = "") -> None:
        """Print rows marked as not Conductor's: by `sign`, or by a bar."""
        output = self._output
        mark = f"{sign or output.bar} "
        rest = " " * len(mark) if sign else mark
        for line in self._cut(safe(text.rstrip("\n"), lines=True).split("\n")) if text.strip() else ():
            if line is None:  # Conductor's own line, so without a mark
                output.text(f"{' ' * indent}{output.ellipsis} {count(self._left, 'line')} omitted: --full shows all")
                continue
            for n, row in enumerate(rows_of(line, output, indent + len(mark))):
                shown = f"{rest if n else mark}{row}".rstrip()
                output.text(" " * indent + (output.paint(shown, style) if style else shown))

    def _cut(self, lines: list[str]) -> Iterable[str | None]:
        """The beginning and the end of a long text; None in place of the `_left` lines between them."""
        if self._full:
            return lines
        self._left = len(lines) - HEAD - TAIL
        shown = [*lines[:HEAD], None, *lines[-TAIL:]] if self._left > 1 else lines
        return [line if line is None else self._short(line) for line in shown]

    def _short(self, line: str) -> str:
        """Its beginning and its end."""
        if self._full or len(line) <= WIDTH:
            return line
        return f"{line[: WIDTH // 2]} … {visible(line[-WIDTH // 2 :])}"

    def _blob(self, digest: str) -> str:
        kept = self._blobs.get(digest)
        return "[erased]" if kept is None else kept.decode(errors="replace")


def _object(text: str) -> dict[str, Any]:
    """A JSON object; anything else is shown as text."""
    try:
        read = msgspec.json.decode(bounded(text))
    except msgspec.MsgspecError:
        return {"text": text}
    return read if isinstance(read, dict) else {"text": text}


def _readable(value: Mapping[str, Any]) -> str:
    """JSON, except that texts of several lines are shown as lines below a `|`."""
    shown = []
    for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n"):
        if found := _LINES.fullmatch(line):
            shown.append(f"{found[1]}{found[2]}|")
            shown += [f"{found[1]}  {text}" for text in json.loads(found[3]).split("\n")]
        else:
            shown.append(line)
    return "\n".join(shown)

"""The briefing of an agent, as a projection: its part of the current plan, and what it needs to know about the rest.

Pure. Other agents' text is shown on one line or as literal text, so that it cannot add structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conductor.core.rules import checks
from conductor.core.state import Ruling, TaskState
from conductor.core.steps.effects import FIX, REVIEW, SYNTHESIS, TESTS
from conductor.core.targets import standing
from conductor.events import AgentRequested, Interface, SetAside
from conductor.plan.model import Module, Phase
from conductor.text import one_line
from projections.documents import interfaces, markdown, relevance
from projections.documents.findings import Entry, Findings, Work

MISSION = {
    FIX: "Checks failed on the tree in your working directory. Fix the cause of each; do not change tests to hide it.",
    SYNTHESIS: "A merge is in progress in your working directory. Resolve the conflicts so that both intents are kept.",
    REVIEW: "Review the change. Name as `blocking` only what must be fixed before it can be accepted. Change nothing.",
    TESTS: "Write tests for the added code that no test covers. Do not change product code.",
}
ROWS, FILES = 40, 60  # of a list
LINE, TEXT = 2_000, 600  # characters: of text from the plan, checks and people; of text from agents
INTERFACES = 16_000  # characters of the interfaces of files
OUTPUT, OUTPUTS = 8_000, 32_000  # characters of one check's output, and of all outputs

Read = Callable[[str], bytes | None]


def briefing(state: TaskState, request: AgentRequested, findings: Findings, read: Read) -> str:
    """The whole briefing as Markdown. `read` returns the text of a digest, None if it was erased."""
    phase = state.planned(request.phase) if request.phase is not None else None
    parts = [f"# {one_line(state.title)}", _cut(state.plan.mission, OUTPUT)]
    parts.append(MISSION.get(request.role, "Implement what follows in your working directory."))
    found = relevance.relevant_findings(state, findings, request)
    if phase is None:
        parts.append("## The whole task\n\n" + _list(f"Phase {p.number}: {p.name}" for p in state.plan.phases))
        parts.append(_section("Success criteria", (c.text for c in state.plan.success_criteria)))
        parts.append(_section("Gotchas", (*state.plan.gotchas, *_found(found, gotchas=True))))
    else:
        parts += _phase(phase, relevance.module_of(phase, request.module), found)
    parts.append(_section("What holds beside the specification", _rulings(state, findings, request)))
    parts.append(_section("Found by others", _found(found, gotchas=False)))
    parts.append(_section("What you build on", map(_left, relevance.needed(state, findings, request))))
    parts.append(_section("Done before", _done(state)))
    parts.append(_interfaces(state, findings, request, read))
    parts.append(_section("What went wrong", _reasons(state, request, read), "##"))
    if request.hint:
        parts.append(f"## A person's hint\n\n{request.hint}")
    return "\n\n".join(p for p in parts if p) + "\n"


def _phase(phase: Phase, module: Module | None, found: list[Entry]) -> list[str]:
    """The phase as the module sees it, with the module's own goals, files and commands if it has any."""
    name = f"## Phase {phase.number}: {phase.name}" + (f", module {module.name}" if module else "")
    others = [m for m in phase.modules if module and m != module]
    return [
        name,
        _section("Goals", (module and module.goals) or phase.goals),
        _section("Expected files", (module and module.expected_files) or phase.expected_files),
        _section("Success criteria", (c.text for c in phase.success_criteria)),
        _section("Test commands", (module and module.test_commands) or phase.test_commands),
        _section("Gotchas", (*phase.gotchas, *_found(found, gotchas=True))),
        _section("Other modules, not yours to touch", map(_foreign, others)),
    ]


def _foreign(module: Module) -> str:
    return module.name + (f": {_files(module.expected_files)}" if module.expected_files else "")


def _rulings(state: TaskState, findings: Findings, request: AgentRequested) -> list[str]:
    """The rulings on the specification, without superseded or undone ones, which would contradict the rest."""
    past = findings.superseded
    return [_ruling(r) for r in relevance.rulings(state, request) if r.version not in past]


def _ruling(ruling: Ruling) -> str:
    return one_line(ruling.text, LINE)


def _found(entries: Iterable[Entry], *, gotchas: bool) -> list[str]:
    """What agents found, a line each, with their evidence, which may be wrong."""
    rows = []
    for entry in entries:
        if (entry.kind == "gotcha") is gotchas:
            title, text = one_line(entry.title, TEXT), one_line(entry.text, TEXT)
            said = [f"{title}:" if text and title[-1:].isalnum() else title, text]
            said += [f"({one_line(text, TEXT)})" for text in entry.details.values()]
            rows.append(" ".join(filter(None, said)))
    return rows


def _left(work: Work) -> str:
    where = f"Phase {work.phase}" + (f", {work.module}" if work.module else "")
    says = f" Its agent says: {one_line(work.says, TEXT)}" if work.says else ""
    return f"{where}: {_files(work.files) or 'no files'}.{says}"


def _interfaces(state: TaskState, findings: Findings, request: AgentRequested, read: Read) -> str:
    """The interfaces to build on: first those of the files that the agent needs, then the latest others."""
    known = interfaces.known(findings.offered, read)
    needed = (path for work in reversed(relevance.needed(state, findings, request)) for path in work.files)
    shown, left, omitted = [], INTERFACES, 0
    for path in dict.fromkeys((*needed, *(path for path, file in known.items() if file.settled))):
        file = known[path].interface if path in known else Interface(path)
        if not (file.names or file.unread):
            continue
        more = [f"  [{file.more} more]"] if file.more else []
        text = "\n".join([one_line(path), *(f"  {name}" for name in file.names), *more])
        if file.unread or len(text) > left:
            omitted += 1
        else:
            shown.append(text)
            left -= len(text)
    rows = [markdown.block("\n".join(shown))] if shown else []
    rows += [f"[{omitted} more files offer something; read them where you need it]"] if omitted else []
    return "\n\n".join(["### Interfaces of the files built in this task", *rows]) if rows else ""


def _done(state: TaskState) -> list[str]:
    return [
        f"Phase {p.number} ({state.planned(p.number).name}): " + (_files(p.files_created) or "no new files")
        for p in state.phases.values()
        if p.checkpoint is not None
    ]


def _reasons(state: TaskState, request: AgentRequested, read: Read) -> list[str]:
    """Each reason, with the exact output of its check."""
    if not request.because:
        return []  # the target may not even have been started
    target = standing(state, request.target)
    outputs = {f"{c.key}: {c.summary}": c.output for c in checks.failing(target)}
    outputs |= {c.key: c.output for c in target.checks.values() if c.status == "failed" and not c.blocking}
    rows, left = [], OUTPUTS
    for reason in request.because:
        digest = outputs.get(reason, "")
        text = (read(digest) or b"").decode(errors="replace") if digest else ""
        shown = _cut(text, min(OUTPUT, left))
        left -= len(shown)
        rows.append(one_line(reason, LINE) + (f"\n\n{markdown.block(shown, indent=6)}" if shown.strip() else ""))
    return rows + [_not_there(moved) for moved in target.set_aside]


def _not_there(moved: SetAside) -> str:
    return (
        f"Moved out of the working directory, and in no commit: {one_line(moved.names, LINE)}. Git ignored it before "
        "the last agent made its rule go, and that agent did not write it; or it is the `.git` of a repository within "
        "this one. What is part of the work has to be written again."
    )


def _cut(text: str, limit: int) -> str:
    """The beginning and the end of `text`: failures are usually reported in one of them."""
    if len(text) <= limit:
        return text
    begin = text[: limit // 3]
    end = text[len(text) - (limit - len(begin)) :]
    return f"{begin}\n[{len(text) - limit} characters left out]\n{end}"


def _files(paths: tuple[str, ...]) -> str:
    more = f", and {len(paths) - FILES} more" if len(paths) > FILES else ""
    return ", ".join(one_line(path, TEXT) for path in paths[:FILES]) + more


def _section(title: str, rows: Iterable[str], level: str = "###") -> str:
    text = _list(rows)
    return f"{level} {title}\n\n{text}" if text else ""


def _list(rows: Iterable[str]) -> str:
    """A list of at most ROWS items, each only once."""
    listed = list(dict.fromkeys(rows))
    shown = [f"- {row}" for row in listed[:ROWS]]
    if len(listed) > ROWS:
        shown.append(f"- [{len(listed) - ROWS} more are left out; READY.md and DISCOVERIES.md have them]")
    return "\n".join(shown)

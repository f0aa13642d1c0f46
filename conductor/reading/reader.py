"""Turns READY.md into a Plan by combining the other modules of this package. Pure: it opens no files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import msgspec

from conductor.errors import SpecError
from conductor.plan import complexity
from conductor.plan.model import Criterion, Phase, Plan, Warning_
from conductor.reading.assemble import assemble, bodies
from conductor.reading.components import share
from conductor.reading.dependencies import Resolved, order
from conductor.reading.fields.commands import Command
from conductor.reading.fields.paths import Completion
from conductor.reading.fields.proofs import Evidence
from conductor.reading.finish import criteria_of, finish
from conductor.reading.markdown import document
from conductor.reading.markdown.body import SectionBody, fences
from conductor.reading.outline import phases
from conductor.reading.outline.phases import Warn
from conductor.reading.overall import Overall, inherit, read_overall
from conductor.reading.source import decode

_PHASE_LIKE = re.compile(r"^\s*(?:[-*#]+\s+)?(?:phase|stage|milestone|task|step)\s+\d+\s*[:.–—-]", re.IGNORECASE)


def read(text: str | bytes, *, name: str = "READY.md") -> Plan:
    """Read a specification.

    Raises SpecError (`line` 1-based; 0: the document): not text, no phases, unknown or cyclic dependencies. Other
    doubts are warnings of the plan.
    """
    warnings: list[Warning_] = []

    def warn(line: int, message: str) -> None:
        warnings.append(Warning_(line, message))

    source = decode(text, name)
    root, unclosed = document.parse(source)
    warnings += unclosed
    root, found = phases.find(root, warn)
    if not found:
        raise _no_phases(name, source, unclosed, _fenced(root))
    overall = read_overall(root, found, warn)
    known = Completion(overall.files)
    said = zip(found, bodies(found, overall.words), strict=True)
    drafts = share([assemble(phase, body, known, warn) for phase, body in said], overall.components)
    resolved = Resolved(drafts, overall.needs, warn)
    drafts = inherit(order(drafts, resolved.phases, warn), overall, warn)
    places = {draft.number: n for n, draft in enumerate(drafts)}
    needs = {number: sorted(wanted, key=places.__getitem__) for number, wanted in resolved.phases.items()}
    rows = source.split("\n")
    finished = tuple(finish(draft, needs[draft.number], resolved.modules[draft.number], warn) for draft in drafts)
    finished = tuple(msgspec.structs.replace(phase, digest=_digest(rows, phase)) for phase in finished)
    end_to_end = _end_to_end(
        [*overall.end_to_end, *(command for draft in drafts for command in draft.end_to_end)], warn
    )
    plan = Plan(
        title=overall.title or name,
        phases=finished,
        mission=overall.mission,
        success_criteria=_criteria(overall, finished, end_to_end),
        gotchas=overall.gotchas,
        quality_requirements=overall.quality,
        files=overall.files,
        immutable_requirements=overall.immutable,
        evolvable_requirements=overall.evolvable,
        custom_roles=overall.roles,
        end_to_end=end_to_end,
        warnings=_distinct(warnings),
    )
    return msgspec.structs.replace(plan, complexity=complexity.score(plan))


def _criteria(overall: Overall, phases: Sequence[Phase], end_to_end: str | None) -> tuple[Criterion, ...]:
    """The document's criteria, proven over all phases. Test commands will be numbered over the phases that run, which
    are not known yet: a criterion that names one is proven by all tests together."""
    files = {path for phase in phases for path in phase.expected_files}
    commands = list(dict.fromkeys(command for phase in phases for command in phase.test_commands))
    found = criteria_of("doc", overall.criteria, Evidence(files, commands, end_to_end=end_to_end))
    return tuple(
        msgspec.structs.replace(criterion, proofs=tuple(dict.fromkeys(key.split(":")[0] for key in criterion.proofs)))
        for criterion in found
    )


def _end_to_end(found: Sequence[Command], warn: Warn) -> str | None:
    for other in found[1:]:
        if other.text != found[0].text:
            warn(other.line, f"a second end-to-end command is ignored; the first is at line {found[0].line}")
    return found[0].text if found else None


def _digest(rows: Sequence[str], phase: Phase) -> str:
    """The digest of the section's words and lines, regardless of indentation and spacing."""
    first, last = phase.lines
    words = "\n".join(line for row in rows[first - 1 : last] if (line := " ".join(row.split())))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _distinct(warnings: Sequence[Warning_]) -> tuple[Warning_, ...]:
    """Each once, by line."""
    rows = dict.fromkeys(
        (warning.line, warning.message) for warning in sorted(warnings, key=lambda warning: warning.line)
    )
    return tuple(Warning_(line, message) for line, message in rows)


def _fenced(root: document.Section) -> int | None:
    """The line of a fence that contains something numbered like phases."""
    every = (fence for section in root.walk() for fence in fences(SectionBody((), section.blocks)))
    return next((fence.line for fence in every if any(_PHASE_LIKE.match(row) for row in fence.code)), None)


def _no_phases(name: str, source: str, unclosed: Sequence[Warning_], fenced: int | None) -> SpecError:
    """The error that says what was looked for, and what may have hidden it."""
    what = f"{name} is empty" if not source.strip() else f"{name} has no phases"
    if unclosed:
        what += f" ({unclosed[0].message})"
    elif fenced:
        what += " (something that looks like phases is in a code fence)"
    return SpecError(
        what,
        line=unclosed[0].line if unclosed else fenced or 0,
        allowed="headings such as `### Phase 1: Name` (also Stage, Milestone, Sprint, Story, Epic, Task, Step, Week), "
        "paragraphs and list items of that form, a table with a column `Phase`, numbered headings or lists below "
        "`## Implementation Phases` or `## Roadmap`, lists of `- [ ] 1. Name`; code fences and comments are not read",
        hint="write `## Implementation Phases`, then for each phase `### Phase 1: Name` and its goals as bullets",
    )

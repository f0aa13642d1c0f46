"""Turns a phase's section into a draft: what it says, before anything is resolved or inherited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

import msgspec

from conductor.plan.command_policy import doubtful
from conductor.reading.fields import commands, files, modules, stubs
from conductor.reading.fields.commands import Command
from conductor.reading.fields.criteria import commands_in, commands_shown, criteria_in
from conductor.reading.fields.fields import read_section
from conductor.reading.fields.goals import goals_of
from conductor.reading.fields.modules import Declared, Need
from conductor.reading.fields.names import NONE, Names
from conductor.reading.fields.paths import Completion, Outside, Rooted
from conductor.reading.fields.proofs import existence
from conductor.reading.markdown.body import (
    Field,
    ReadItem,
    SectionBody,
    bold_lines,
    entries,
    introductions,
    own_value,
    titles,
    whole_text,
)
from conductor.reading.markdown.document import Block, Text
from conductor.reading.outline.phases import Found, Warn
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import DONE
from conductor.reading.vocabulary.mentions import key_of


class PhaseDraft(msgspec.Struct, frozen=True):
    """A phase as its section states it. `inherited` names the fields filled in from the document."""

    number: str
    written: str  # the number in its heading, if another phase has the same one
    rank: int  # of its keyword's family
    name: str
    lines: tuple[int, int]
    goals: tuple[ReadItem, ...]  # the phase's own, without those of module sections
    modules: tuple[Declared, ...]
    needs: tuple[Need, ...]
    mode: str | None
    criteria: tuple[ReadItem, ...]
    gotchas: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[str, ...]
    declares_files: bool  # otherwise they were only mentioned
    end_to_end: tuple[Command, ...]
    allows_stubs: bool
    duration: str | None
    done: bool
    inherited: tuple[str, ...] = ()


_MAKES = re.compile(r"^(?:create|add|write|implement|build|generate)\b", re.IGNORECASE)
_BESIDE = re.compile(r"\(`[^`()]+`[^()]*\)")
_LONGEST_NAME = 60  # characters
_DONE = re.compile(rf"^(?:[✅✓✔☑]\s*)?{DONE}(?!\w)|^[✅✓✔☑]", re.IGNORECASE)
_GOES_ON = re.compile(r"\b(?:ongoing|in progress|remaining|partly|partially|except)\b", re.IGNORECASE)
_ONLY_DONE = re.compile(rf"^(?:[✅✓✔☑]\s*)?{DONE}\s*!?$", re.IGNORECASE)


def bodies(found: Sequence[Found], words: Set[str]) -> list[SectionBody]:
    """The contents of each phase's sections. Reserved words count as names if a phase, or the document (`words`), has
    modules of that name. That is known only after a first reading; then the sections are read again."""
    read = [_body(phase, NONE) for phase in found]
    own = [modules.words_of(modules.declared(body)) for body in read]
    every = frozenset(words).union(*own)
    return [_body(phase, Names(mine, every)) for phase, mine in zip(found, own, strict=True)] if every else read


def _body(phase: Found, names: Names) -> SectionBody:
    return _together(read_section(section, names=names) for section in phase.sections)


def assemble(found: Found, body: SectionBody, known: Completion, warn: Warn) -> PhaseDraft:
    """The draft of a phase. `known` completes the paths of files that the document names outside its phases."""
    module_fields = [inner for field in body.named("module") for inner in field.body.fields]
    fields = (*body.fields, *module_fields)
    declared = modules.declared(body)
    for module in declared:
        if len(module.name) > _LONGEST_NAME:
            warn(module.line, f"the module name {module.name[:_LONGEST_NAME]!r}… reads like a sentence")
    names = {key_of(module.name) for module in declared}
    goals, allows = stubs.without([*goals_of(body, names), *stubs.stated(body)])
    criteria = criteria_in(fields)
    shown = [c for part in (body, *(f.body for f in body.named("goals"))) for c in commands_shown(part)]
    named = [*command_fields(body.named("test_commands"), warn), *commands_in(body.fields, goals), *shown]
    own = usable(named, warn)
    tests = [*own, *usable((c for module in declared for c in module.commands), warn)]
    heading = found.heading
    return PhaseDraft(
        number=found.number,
        written=heading.number,
        rank=heading.rank,
        name=heading.name or f"Phase {found.number}",
        lines=(found.line, found.last),
        goals=tuple(goals),
        modules=tuple(_without_undeclared(module, warn) for module in declared),
        needs=(
            *modules.names(heading.needs, found.line),
            *(n for f in body.named("depends_on") for n in modules.needs_of(f)),
        ),
        mode=_mode(body.named("mode"), warn),
        criteria=tuple(criteria),
        gotchas=tuple(text for f in fields if f.name == "gotchas" for text in gotcha_texts(f)),
        commands=tuple(dict.fromkeys(command.text for command in tests)),
        files=tuple(_files(ReadItem(heading.name, found.line), body, declared, goals, criteria, known, warn)),
        declares_files=any(True for _ in body.named("expected_files")) or any(module.files for module in declared),
        end_to_end=tuple(usable((c for f in body.named("end_to_end") for c in commands.in_field(f)[0]), warn)),
        allows_stubs=heading.stubs or allows or any(stubs.allowed(field) for field in body.named("stubs")),
        duration=heading.duration
        or next((f.value for f in body.named("duration") if f.value and not _ONLY_DONE.match(f.value)), None),
        done=heading.done or _is_done(body),
    )


def _beside(name: str) -> str:
    """The text in parentheses or backticks beside a name: `The model (`src/model.c`)`."""
    return " ".join(_BESIDE.findall(name))


def inside(found: Iterable[tuple[str | Outside, int]], warn: Warn) -> list[str]:
    """The paths inside the project, each once, with a warning for each path outside it."""
    kept: dict[str, None] = {}
    for path, line in found:
        if isinstance(path, Outside):
            warn(line, f"`{path.text[:120]}` is outside the project: dropped")
        else:
            if isinstance(path, Rooted):
                warn(line, f"`/{path[:120]}` is read as `{path[:120]}`, from the project's root")
            kept[str(path)] = None
    return list(kept)


def usable(found: Iterable[Command], warn: Warn) -> list[Command]:
    """The commands that may run as tests, with a warning for each that may not."""
    kept = []
    for command in found:
        if reason := doubtful(command.text):
            warn(command.line, f"`{command.text[:120]}` is not taken as a test command: {reason}")
        else:
            kept.append(command)
    return commands.unique(kept)


def command_fields(fields: Iterable[Field], warn: Warn) -> Iterator[Command]:
    """The commands of command fields, with a warning for each entry in which none is recognised."""
    for field in fields:
        found, unknown = commands.in_field(field)
        yield from found
        for entry in unknown:
            warn(entry.line, f"no command recognised in {entry.text[:80]!r}: write it in backticks")


def file_fields(fields: Iterable[Field], warn: Warn) -> list[tuple[str | Outside, int]]:
    """The paths of files fields, with a warning for each entry without one, and for fields without any."""
    found: list[tuple[str | Outside, int]] = []
    silent: list[Field] = []
    for field in fields:
        paths, unknown = files.in_field(field)
        found += paths
        silent += [] if paths or unknown or any(True for _ in files.shown(field)) else [field]
        for entry in unknown:
            if not labels.NO.match(entry.text):
                warn(entry.line, f"no path recognised in {entry.text[:80]!r}, listed under {field.label!r}")
    if silent and not found:
        warn(silent[0].line, f"nothing is listed under {silent[0].label!r}")
    return found


def gotcha_texts(field: Field) -> list[str]:
    """One text per gotcha; a heading below the field is one, with everything below it."""
    blocks = field.body.blocks
    if any(isinstance(block, Text) and block.lines[0].lead for block in blocks):  # bold lead-ins, each with its bullets
        starts = [n for n, block in enumerate(blocks) if n == 0 or isinstance(block, Text)]
        parts = [blocks[start:end] for start, end in pairwise([*starts, len(blocks)])]
        texts = [whole_text(SectionBody((), part)) for part in parts]
    else:
        texts = [entry.text for entry in entries(SectionBody((), blocks), value=own_value(field))]
    for title, group in field.body.groups:
        texts.append(f"{title.text}\n{whole_text(group)}".strip())
    return texts


def _is_done(body: SectionBody) -> bool:
    """Whether its status says so; without a status, `Timeline: Completed!` counts too."""
    states = [field.value for field in body.named("status")]
    if states:
        return any(_DONE.match(state) and not _GOES_ON.search(state) for state in states)
    return any(_ONLY_DONE.match(field.value) for field in body.named("duration"))


def _together(bodies: Iterable[SectionBody]) -> SectionBody:
    fields: list[Field] = []
    blocks: list[Block] = []
    groups: list[tuple[ReadItem, SectionBody]] = []
    for body in bodies:
        fields += body.fields
        blocks += body.blocks
        groups += body.groups
    return SectionBody(tuple(fields), tuple(blocks), tuple(groups))


def _mode(fields: Iterable[Field], warn: Warn) -> str | None:
    mode = None
    for field in fields:
        value = field.value.casefold()
        if "direct" in value and not value.startswith("worktree"):  # `Direct (no worktree)`
            mode = "direct"
        elif "worktree" in value or "parallel" in value:
            mode = "worktrees"
        else:
            warn(field.line, f"working mode {field.value!r} is unknown; allowed: direct, worktrees")
    return mode


def _without_undeclared(module: Declared, warn: Warn) -> Declared:
    """The module without paths outside the project and commands that may not run."""
    paths = tuple((path, line) for path, line in module.files if isinstance(path, str))
    return msgspec.structs.replace(module, files=paths, commands=tuple(usable(module.commands, warn)))


def _files(
    heading: ReadItem,
    body: SectionBody,
    declared: Iterable[Declared],
    goals: list[ReadItem],
    criteria: list[ReadItem],
    known: Completion,
    warn: Warn,
) -> list[str]:
    """Declared paths of the phase and its modules, or else those that goals name; plus those said to exist.

    A bare name in goals or criteria is completed to the phase's file of that name, else to the document's.
    """
    found = file_fields(body.named("expected_files"), warn)
    found += [row for module in declared for row in module.files]
    told: list[tuple[str | Outside, int]]
    told = [(path, entry.line) for entry in criteria for path in sorted(existence(entry.text))]
    makes = [goal for goal in goals if _MAKES.match(goal.text)] if found else []  # even if others are declared
    told = [(path, goal.line) for goal in makes for path in files.mentioned(goal.text.split("\n")[0])] + told
    if not found:
        aims = {field.value for field in body.named("goals")} if len(goals) > 1 else set()
        every = [
            *(goal for goal in goals if goal.text not in aims),
            *titles(body),
            *bold_lines(body),
            *introductions(body),
            *(goal for module in declared for goal in module.goals),
        ]
        every.sort(key=lambda entry: entry.line)
        told = [(path, goal.line) for goal in every for path in files.mentioned(goal.text)] + told
        told = [
            (path, heading.line)
            for path in files.mentioned(heading.text if _MAKES.match(heading.text) else _beside(heading.text))
        ] + told
    found += [row for field in body.named("expected_files") for row in files.shown(field)]
    listed = (entry for field in body.named("tests") for entry in entries(field.body, value=own_value(field)))
    found += [(path, entry.line) for entry in listed for path in files.alone(entry)]
    paths = inside(found, warn)
    own = Completion(paths)
    return list(dict.fromkeys([*paths, *(known(own(path)) for path in inside(told, warn))]))

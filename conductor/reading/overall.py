"""What a document says outside its phases, and what phases inherit from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from conductor.reading import file_allocation
from conductor.reading.assemble import PhaseDraft, command_fields, file_fields, gotcha_texts, inside, usable
from conductor.reading.components import linked
from conductor.reading.fields import commands, modules
from conductor.reading.fields.commands import Command
from conductor.reading.fields.criteria import commands_in, criteria_in
from conductor.reading.fields.fields import read_section
from conductor.reading.fields.goals import goals_of
from conductor.reading.fields.modules import Declared, Need
from conductor.reading.fields.paths import Completion, is_manifest
from conductor.reading.fields.proofs import existence
from conductor.reading.markdown.body import Field, ReadItem, SectionBody, entries, own_value
from conductor.reading.markdown.document import Section
from conductor.reading.outline.elsewhere import split
from conductor.reading.outline.phases import Found, Warn
from conductor.reading.vocabulary import labels


class Overall(msgspec.Struct, frozen=True):
    """The document's own fields. `needs` are dependencies between phases: who, as written, and on what."""

    title: str
    mission: str
    criteria: tuple[ReadItem, ...]
    gotchas: tuple[str, ...]
    quality: tuple[str, ...]
    files: tuple[str, ...]
    asked: frozenset[str]  # those that a criterion says exist
    commands: tuple[Command, ...]
    immutable: tuple[str, ...]
    evolvable: tuple[str, ...]
    roles: tuple[str, ...]
    end_to_end: tuple[Command, ...]
    needs: tuple[tuple[str, Need], ...]
    of_phases: Mapping[str, SectionBody]  # phase number -> what is said about it elsewhere
    components: tuple[Declared, ...]
    words: frozenset[str]  # reserved words that are names of the document's modules


_DEMAND = re.compile(r"criteria", re.IGNORECASE)
_TESTS = re.compile(r"test|valid|verif", re.IGNORECASE)
_NEEDS = re.compile(r"^(.+?)\s+(?:depends\s+(?:up)?on|requires|needs)\s*:?\s+(.+)$", re.IGNORECASE)
_MOST = 20_000  # items that phases may inherit in total: with more, reading would not be linear in the text


def read_overall(root: Section, found: Sequence[Found], warn: Warn) -> Overall:
    """The fields of everything outside the phases."""
    rest = read_section(_without(root, {section.line for phase in found for section in phase.sections}), bullets=False)
    body, of_phases = split(rest, [phase.number for phase in found], found[0].heading.rank)
    criteria = criteria_in([*body.named("success_criteria", "automated", "verification"), *_demanded(body)])
    criteria = criteria or criteria_in([*body.named("manual")])
    quality = _entries(body, "quality")
    declared = modules.declared(body)
    tests = [field for field in body.named("test_commands") if _TESTS.search(field.label)]
    tested = [
        *command_fields(tests, warn),
        *(c for e in quality for c in commands.in_spans(e)),
        *commands_in(body.fields, []),
    ]
    paths = file_fields(body.named("expected_files"), warn)
    asked = [(path, entry.line) for entry in criteria for path in sorted(existence(entry.text))]
    return Overall(
        title=next((section.title for section in root.sections if section.level == 1), ""),
        mission="\n\n".join(entry.text for entry in _mission(body) or _aims(body)),
        criteria=tuple(criteria),
        gotchas=tuple(text for field in body.named("gotchas") for text in gotcha_texts(field)),
        quality=_texts(quality),
        files=tuple(inside([*paths, *asked], warn)),
        asked=frozenset(str(path) for path, _ in asked if isinstance(path, str)),
        commands=tuple(usable(tested, warn)),
        immutable=_texts(_entries(body, "immutable")),
        evolvable=_texts(_entries(body, "evolvable")),
        roles=_texts(_entries(body, "roles")),
        end_to_end=tuple(usable((c for f in body.named("end_to_end") for c in commands.in_field(f)[0]), warn)),
        needs=tuple(_needs(body)),
        of_phases=of_phases,
        components=linked(declared, _needs(body)),
        words=modules.words_of(declared),
    )


def inherit(drafts: Sequence[PhaseDraft], overall: Overall, warn: Warn) -> list[PhaseDraft]:
    """The drafts, in the order in which they run, with the document's criteria, gotchas, commands and files for phases
    that have none.

    For the document's files see `shares`.
    """
    per_phase = len(overall.criteria) + len(overall.gotchas) + len(overall.commands)
    if len(drafts) * per_phase > _MOST:
        warn(1, f"{len(drafts)} phases do not inherit {per_phase} criteria, gotchas and commands: they are too many")
    names = tuple(command.text for command in overall.commands)
    due = file_allocation.due(drafts, overall.files, overall.asked)
    result = []
    told = (_told(draft, overall.of_phases.get(draft.number), warn) for draft in completed(drafts, overall.files))
    for draft in told:
        given: dict[str, tuple[object, ...]] = {}
        if len(drafts) * per_phase <= _MOST:
            given = {"criteria": overall.criteria, "gotchas": overall.gotchas, "commands": names}
            given = {field: value for field, value in given.items() if value and not getattr(draft, field)}
        if draft.number in due:
            given["files"] = (*draft.files, *due[draft.number])
        inherited = tuple(_FIELD[field] for field in _FIELD if field in given)
        result.append(msgspec.structs.replace(draft, inherited=inherited, **given))
    if names and all("test_commands" not in draft.inherited for draft in result):
        unused = [
            command for command in overall.commands if not any(command.text in draft.commands for draft in drafts)
        ]
        for command in unused:
            warn(command.line, f"`{command.text[:120]}` belongs to no phase: each has its own test commands")
    return result


_FIELD = {
    "criteria": "success_criteria",
    "gotchas": "gotchas",
    "commands": "test_commands",
    "files": "expected_files",
}


def completed(drafts: Sequence[PhaseDraft], paths: Sequence[str]) -> Iterator[PhaseDraft]:
    """The drafts with bare names that they only mention (`worker.ts`) completed to the path given by the document, the
    phase itself or an earlier one."""
    known = Completion(path for path in paths if "/" in path)
    for draft in drafts:
        known.add(path for path in draft.files if "/" in path)
        if draft.declares_files:
            yield draft
        else:
            full = dict.fromkeys(path if is_manifest(path) else known(path) for path in draft.files)
            yield msgspec.structs.replace(draft, files=tuple(full))


def _told(draft: PhaseDraft, body: SectionBody | None, warn: Warn) -> PhaseDraft:
    """The draft, with what the document says about it elsewhere for fields that it lacks."""
    if body is None:
        return draft
    named = [*command_fields(body.named("test_commands"), warn), *commands_in(body.fields, [])]
    told: dict[str, tuple[object, ...]] = {
        "goals": tuple(goals_of(body)),
        "criteria": tuple(criteria_in(body.fields)),
        "gotchas": tuple(text for field in body.named("gotchas") for text in gotcha_texts(field)),
        "commands": tuple(command.text for command in usable(named, warn)),
        "files": tuple(inside(file_fields(body.named("expected_files"), warn), warn)),
    }
    return msgspec.structs.replace(draft, **{k: value for k, value in told.items() if value and not getattr(draft, k)})


def _without(section: Section, phases: set[int]) -> Section:
    kept = tuple(_without(child, phases) for child in section.sections if child.line not in phases)
    return msgspec.structs.replace(section, sections=kept)


def _entries(body: SectionBody, name: str) -> list[ReadItem]:
    return [entry for field in body.named(name) for entry in entries(field.body, value=own_value(field))]


def _mission(body: SectionBody) -> list[ReadItem]:
    """What is under `Mission`, else under the first `Purpose` or the like: later ones belong to some part."""
    fields = [*body.named("mission")]
    fields = [field for field in fields if "mission" in labels.normalise(field.label)] or fields[:1]
    return [entry for field in fields for entry in entries(field.body, value=own_value(field))]


def _aims(body: SectionBody) -> list[ReadItem]:
    """`Goal:` and `Objective` outside the phases state the mission."""
    aims = [field for field in body.named("goals") if labels.normalise(field.label) in ("goal", "goals", "objective")]
    return [entry for field in aims[:1] for entry in entries(field.body, value=own_value(field))]


def _demanded(body: SectionBody) -> Iterator[Field]:
    """What people have to verify; `Manual Testing Steps` only say how."""
    return (field for field in body.named("manual") if _DEMAND.search(field.label))


def _texts(found: Sequence[ReadItem]) -> tuple[str, ...]:
    return tuple(entry.text for entry in found)


def _needs(body: SectionBody) -> Iterator[tuple[str, Need]]:
    for entry in _entries(body, "depends_on"):
        if match := _NEEDS.match(entry.text):
            for need in modules.names(match[2], entry.line):
                yield match[1], need

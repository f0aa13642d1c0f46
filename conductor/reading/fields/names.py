"""Labels that are names: which bullets and rows describe a part of the work although their label is a field's.

`- notes: keeps them` beside `- web: …` and `- cart: …` is work, `- Note: not too deep` is a remark. It reads no fields.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from conductor.reading.fields import files
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import DONE
from conductor.reading.vocabulary.mentions import key_of


class Names(msgspec.Struct, frozen=True):
    """Names of modules, as `key_of` writes them: those that the phase declares, and all in the document."""

    own: frozenset[str] = frozenset()
    every: frozenset[str] = frozenset()


NONE = Names()


class LabelledRow(msgspec.Struct, frozen=True, gc=False):
    """A bullet or row that starts with a label, and that label's field. `value` is the text after it, `form` how it is
    written; `step`: it has a number or a checkbox."""

    label: str
    field: str | None
    value: str
    form: tuple[bool, ...] = ()
    step: bool = False


_DROPPED = labels.words("ignored duration status mode stubs mission about quality immutable evolvable")
"""Fields that are not work: a phase takes a word from them, or nothing."""
_STATE = re.compile(rf"^(?:[✅✓✔☑]\s*)?(?:{DONE}|not started|planned|in progress|to ?do|wip)\b", re.IGNORECASE)
_ANSWERS = {
    "duration": re.compile(r"^\W*\d"),
    "mode": re.compile(r"^(?:direct|worktrees?|parallel)\b", re.IGNORECASE),
    "status": _STATE,
    "stubs": re.compile(rf"^(?:allowed|yes|true|ok|fine|permitted)\b|{labels.NO.pattern}", re.IGNORECASE),
}
_FOLDER = re.compile(r"`[\w.-]+(?:/[\w.-]+)*/`")
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff]{9}")  # about as long as three words
_SEVERAL = 2
_LONGEST = 3  # words of a name, or of an answer that is nothing else


def is_state(value: str) -> bool:
    """Whether a value is a status: `done`, `in progress`."""
    return _STATE.match(value) is not None


def is_module(field: str, label: str, value: str, names: Names, *, bullet: bool) -> bool:
    """Whether a label of that field is a module's name: at the start of a bullet, any that the phase declares;
    elsewhere, and for another phase's module, only if the field would not be work."""
    key, dropped, answer = key_of(labels.bare(label)), field in _DROPPED, _answers(field, value)
    if key in names.own:
        return (bullet or dropped) and not (answer and len(value.split()) <= _LONGEST)
    return key in names.every and bullet and dropped and _is_phrase(value) and not answer


def are_parts(rows: Sequence[LabelledRow | None], names: Names) -> list[bool]:
    """Which items of a list, or rows of a table, describe a part of the work although their label is a field's.

    Those whose label is a module's, or that name a file; those with a number or a checkbox; and those written like
    several others that describe parts. A list of only lower-case names describes parts.
    """
    told = [row for row in rows if row]
    sure = {row for row in told if row.field and _is_sure(row, names)}
    loose = {row for row in told if _is_open(row) and _is_phrase(row.value)}
    named = sure | {row for row in told if _is_named(row)}
    kin = Counter((row.form, _case(row.label)) for row in told if row in named)
    every = len(told) == len(rows) >= _SEVERAL and named | loose >= set(told)
    small = every and all(row.label[:1].islower() for row in told)
    return [
        row is not None and (row in sure or (row in loose and (small or row.step or _alike(row, kin) >= _SEVERAL)))
        for row in rows
    ]


def _is_sure(row: LabelledRow, names: Names) -> bool:
    if is_module(row.field or "", row.label, row.value, names, bullet=True):
        return True
    return _is_open(row) and bool(files.mentioned(row.value) or _FOLDER.search(row.value))


def _is_open(row: LabelledRow) -> bool:
    """Whether a row with a field's label may describe a part: the value does not answer the label, and the label is one
    word or the name of a step."""
    empty = row.field in _DROPPED or (row.field == "expected_files" and not files.declared(row.value))
    if row.field is None or not empty or _answers(row.field, row.value):
        return False
    words = labels.bare(row.label).split()
    return (row.step or len(words) == 1) and not labels.ASIDE.intersection(words)


def _is_named(row: LabelledRow) -> bool:
    return row.field is None and len(row.label.split()) <= _LONGEST and _is_phrase(row.value)


def _answers(field: str, value: str) -> bool:
    """Whether a value is what the field is for: `done` of a status, `2 days` of a duration."""
    return field in _ANSWERS and _ANSWERS[field].match(value) is not None


def _is_phrase(value: str) -> bool:
    """Whether a value is a statement and not an attribute: `keeps the notes`, but not `high` and not `Jane Doe`."""
    words = re.findall(r"\w\S*", value)
    short = len(words) == _SEVERAL and not (words[0][0].isupper() or words[0][0].isdigit())
    return len(words) > _SEVERAL or short or _IDEOGRAPHS.search(value) is not None


def _case(label: str) -> str:
    """The case of a label's start; "" if it means nothing, as in `API` or in scripts without capitals."""
    if len(label) > 1 and label.isupper():
        return ""
    return "small" if label[:1].islower() else "large" if label[:1].isupper() else ""


def _alike(row: LabelledRow, kin: Counter[tuple[tuple[bool, ...], str]]) -> int:
    """How many others are written like the row."""
    own = _case(row.label)
    return sum(n for (form, case), n in kin.items() if form == row.form and (case == own or "" in (case, own)))

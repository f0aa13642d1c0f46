"""Which of the document's files each phase has to create if it does not say so itself. It parses no text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set

from conductor.reading.assemble import PhaseDraft
from conductor.reading.fields.files import kept
from conductor.reading.vocabulary.labels import words
from conductor.reading.vocabulary.mentions import Mentions, name_words

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_COMMON = words(
    """
    src lib app apps test tests spec index main init mod core common utils util helpers types py ts tsx js jsx go rs
    service services component components model models controller controllers config the and for with new add
    """
)


def due(drafts: Sequence[PhaseDraft], paths: Sequence[str], asked: Set[str]) -> dict[str, list[str]]:
    """Phase number -> the document's files due by then, for phases that declare no files.

    A phase must not be held to files that only a later one creates: each file is due in the last of these phases that
    names it, or if none does, in the one whose goals match it best. A file that fits none belongs to the document; it
    is due in the only phase, or in the last one if a criterion of the whole document `asked` for it.
    """
    own = {path for draft in drafts for path in draft.files}
    heirs = [draft for draft in drafts if not draft.declares_files]
    left = dict.fromkeys(path for path in paths if path not in own)
    due: dict[str, list[str]] = {}

    def give(number: str, path: str) -> None:
        due.setdefault(number, []).append(path)
        del left[path]

    stems: dict[str, list[str]] = {}
    for path in left:
        stems.setdefault(" ".join(name_words(_stem(path))), []).append(path)
    index = Mentions((stem for stem in stems if len(stem) > 2), name_words)
    told = {draft.number: _text(draft) for draft in heirs}
    for draft in reversed(heirs):
        for stem in index.find(told[draft.number]):
            for path in stems.pop(stem, []):
                give(draft.number, path)
    for path, number in _fitting({path: _parts(path) for path in left}, told).items():
        give(number, path)
    if heirs and heirs[-1] is drafts[-1]:
        for path in [path for path in left if len(drafts) == 1 or path in asked]:
            give(heirs[-1].number, path)
    order = {path: n for n, path in enumerate(paths)}
    return {number: sorted(named, key=order.__getitem__) for number, named in due.items()}


def _fitting(parts: dict[str, frozenset[str]], told: dict[str, str]) -> dict[str, str]:
    """Path -> the phase whose text contains two of its words, or its only one; of the best, the last."""
    often = Counter(part for own in parts.values() for part in own)
    ordinary = {part for part, count in often.items() if count > max(2, len(parts) // 2)}
    phases: dict[str, list[str]] = {}
    for number, text in told.items():
        for word in {_singular(word) for word in name_words(text)}:
            phases.setdefault(word, []).append(number)
    found: dict[str, str] = {}
    for path, own in parts.items():
        known = own - ordinary
        counts = Counter(number for word in known for number in phases.get(word, ()))
        most = max(counts.values(), default=0)
        if most and most >= min(2, len(known)):
            found[path] = [number for number in told if counts[number] == most][-1]
    return found


def _parts(path: str) -> frozenset[str]:
    parts = (_singular(part) for part in name_words(_HUMP.sub(" ", _stem(path))))
    return frozenset(part for part in parts if len(part) > 2 and part not in _COMMON)


def _stem(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1].split(".")[0] or path


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _text(draft: PhaseDraft) -> str:
    parts = [draft.name, *(goal.text for goal in draft.goals)]
    parts += [text for module in draft.modules for text in (module.name, *(goal.text for goal in module.goals))]
    return kept("\n".join(parts))

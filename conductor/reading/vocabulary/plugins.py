"""Labels that installed packages add to the vocabulary, through entry points in `conductor.vocabularies`.

Such an entry point names a dict of fields and their labels, separated by `|`: `{"tests": "prøver|tests"}`. A label
that the built-in vocabulary knows keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Set
from functools import cache

import msgspec

from conductor.decoding import prepared
from conductor.entry_points import Loaded, Unusable, fault, loaded

GROUP = "conductor.vocabularies"


class AddedLabels(msgspec.Struct, frozen=True):
    """Label -> the field it stands for, and a message for each faulty entry point."""

    fields: dict[str, str]
    faults: tuple[str, ...] = ()


@cache
def added(fields: Set[str]) -> AddedLabels:
    """The labels of all installed packages for `fields`; of two packages with one label, the first by name counts.

    Packages are searched for and imported on the first call only.
    """
    labels: dict[str, str] = {}
    faults = []
    for found in loaded(GROUP, "the vocabulary"):
        if isinstance(found, Unusable):
            faults.append(found.why)
        elif wrong := _wrong(found, fields):
            faults.append(fault(f"{found.who} {wrong}"))
        else:
            for field, text in msgspec.convert(found.value, prepared(dict[str, str])).items():
                for label in text.split("|"):
                    labels.setdefault(" ".join(label.casefold().split()), field)
    labels.pop("", None)
    return AddedLabels(labels, tuple(faults))


def _wrong(found: Loaded, fields: Set[str]) -> str:
    """What is wrong with a vocabulary; "" if nothing is."""
    try:
        names = msgspec.convert(found.value, prepared(dict[str, str]), strict=True)
    except msgspec.ValidationError:
        return 'is not a dict such as {"tests": "label|label"}'
    if unknown := sorted(set(names) - fields):
        return f"has the unknown field {unknown[0]!r} (allowed: {', '.join(sorted(fields))})"
    return ""

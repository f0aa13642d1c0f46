"""The document's components as modules of the phases whose goals name them. Reads no text itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from conductor.reading.assemble import PhaseDraft
from conductor.reading.fields.modules import Declared, Need
from conductor.reading.vocabulary.mentions import Mentions, key_of, name_words


def linked(components: Iterable[Declared], needs: Iterable[tuple[str, Need]]) -> tuple[Declared, ...]:
    """The components with what `needs` says that they depend on: who, as written, and on what.

    Nothing where no dependency is told: a list of components alone describes the architecture, and cuts no work.
    """
    told: dict[str, list[Need]] = {}
    for who, need in needs:
        told.setdefault(key_of(who), []).append(need)
    found = tuple(
        msgspec.structs.replace(part, needs=(*part.needs, *told.get(key_of(part.name), ()))) for part in components
    )
    return found if any(part.needs for part in found) else ()


def share(drafts: Sequence[PhaseDraft], components: Sequence[Declared]) -> list[PhaseDraft]:
    """The drafts, where a phase declares no modules, with the components that its goals name as its modules.

    What a component needs of one that the phase does not name is built in another phase: the phases' order sees to it.
    """
    parts = {part.name: part for part in components}
    index = Mentions(parts, name_words)
    result = []
    for draft in drafts:
        named = index.find("\n".join([draft.name, *(goal.text for goal in draft.goals)])) if not draft.modules else []
        inside = {key_of(name) for name in named}
        modules = tuple(
            Declared(part.name, part.line, tuple(need for need in part.needs if key_of(need.text) in inside))
            for part in (parts[name] for name in parts if name in named)
        )
        result.append(msgspec.structs.replace(draft, modules=modules) if modules else draft)
    return result

"""Makes the document's components modules of the phases whose goals name them. It reads no text itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from conductor.reading.assemble import PhaseDraft
from conductor.reading.fields.modules import Declared, Need
from conductor.reading.vocabulary.mentions import Mentions, key_of, name_words


def linked(components: Iterable[Declared], needs: Iterable[tuple[str, Need]]) -> tuple[Declared, ...]:
    """The components with their dependencies from `needs`: who, as written, and on what.

    Empty if there are no dependencies: a mere list of components describes the architecture and does not divide work.
    """
    told: dict[str, list[Need]] = {}
    for who, need in needs:
        told.setdefault(key_of(who), []).append(need)
    found = tuple(
        msgspec.structs.replace(part, needs=(*part.needs, *told.get(key_of(part.name), ()))) for part in components
    )
    return found if any(part.needs for part in found) else ()


def share(drafts: Sequence[PhaseDraft], components: Sequence[Declared]) -> list[PhaseDraft]:
    """The drafts, with components that a phase's goals name as its modules if it declares none.

    A dependency on a component that the phase does not name is built in another phase, by the phases' order.
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

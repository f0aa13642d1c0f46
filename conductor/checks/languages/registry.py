"""The languages that the checks know: the built-in ones, and those that other packages provide as entry points.

A faulty package affects only its own language: the fault is reported, never raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePosixPath

import msgspec

from conductor.checks.comments import Parts, Syntax, split
from conductor.checks.languages.go import GO
from conductor.checks.languages.guarded import guarded
from conductor.checks.languages.javascript import JAVASCRIPT
from conductor.checks.languages.language import Language
from conductor.checks.languages.python import PYTHON
from conductor.checks.languages.rust import RUST
from conductor.checks.toolchains import Toolchain, is_vendored
from conductor.decoding import prepared
from conductor.entry_points import Loaded, Unusable, fault, loaded

GROUP = "conductor.languages"
BUILT_IN = (PYTHON, JAVASCRIPT, GO, RUST)
_DEPTH = 2  # maximum depth of the manifest of a part of the project (backend/, apps/web/)


class RegisteredLanguages(msgspec.Struct, frozen=True):
    """The usable languages, and a message for each faulty entry point."""

    languages: tuple[Language, ...]
    faults: tuple[str, ...] = ()


@cache
def registered() -> RegisteredLanguages:
    """The built-in languages, then those of installed packages, sorted by the names of their entry points.

    Packages are discovered and imported on the first call only.
    """
    languages, faults = list(BUILT_IN), []
    for found in loaded(GROUP, "the language"):
        language = found.why if isinstance(found, Unusable) else _usable(found, languages)
        if isinstance(language, Language):
            languages.append(language)
        else:
            faults.append(language)
    return RegisteredLanguages(tuple(languages), tuple(faults))


def language_of(path: str) -> Language | None:
    """The language of a source file by its extension, or None."""
    return next((language for language in registered().languages if language.owns(path)), None)


def named(name: str) -> Language | None:
    """The language of that name, or None."""
    return next((language for language in registered().languages if language.name == name), None)


def parts_of(text: str, path: str) -> Parts | None:
    """Comments and code of a file; None if its syntax is unknown."""
    language = language_of(path)
    return split(text, path, language.comments if language else None)


def recognise(files: Iterable[str]) -> tuple[Toolchain, ...]:
    """The toolchains of a tree, by its topmost manifests; the top of the tree for sources without a manifest."""
    own = [PurePosixPath(file) for file in files if not is_vendored(file)]
    return tuple(toolchain for language in registered().languages for toolchain in _toolchains(language, own))


def _toolchains(language: Language, own: list[PurePosixPath]) -> Iterator[Toolchain]:
    folders = {file.parent for file in own if file.name in language.manifests and len(file.parts) <= _DEPTH + 1}
    roots = {folder for folder in folders if not folders.intersection(folder.parents)}
    for root in sorted(roots):
        yield Toolchain(language.name, "" if root == PurePosixPath() else str(root))
    if not roots and not language.needs_manifest and any(language.owns(str(file)) for file in own):
        yield Toolchain(language.name)


def _usable(found: Loaded, known: list[Language]) -> Language | str:
    """A package's language, or what is wrong with it."""
    language, who = found.value, found.who
    if not isinstance(language, Language):
        return fault(f"{who} is a {type(language).__name__}, not a conductor.checks.languages.language.Language")
    try:
        # Objects made in code are not validated yet.
        for value in (language.extensions, language.manifests):
            msgspec.convert(value, prepared(tuple[str, ...]), strict=True)
        msgspec.convert(language.name, prepared(str), strict=True)
        msgspec.convert(msgspec.to_builtins(language.comments), prepared(Syntax | None))  # type: ignore[arg-type]
        language = guarded(language, who)
    except (msgspec.ValidationError, TypeError) as error:
        return fault(f"{who} has a part of the wrong type", error)
    for other in known:
        if other.name == language.name or (taken := set(other.extensions) & set(language.extensions)):
            what = "the same name" if other.name == language.name else f"the extension {min(taken)}"
            return fault(f"{who} is left out: {other.name!r}, which came first, has {what}")
    return language

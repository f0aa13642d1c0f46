"""Which checks prove a criterion. If in doubt, none: unproven is honest, falsely proven is not."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import lru_cache

import msgspec

from conductor.reading.fields import files
from conductor.reading.fields.commands import SPAN
from conductor.reading.fields.paths import Completion, paths_of
from conductor.reading.vocabulary.labels import words
from conductor.reading.vocabulary.mentions import Mentions, command_words

_LEFTOVER = (
    r"(?:todo|fixme|xxx|stub(?:bed)?|placeholder|leftover|not\s?implemented(?:error)?)s?"
    r"(?:\s+(?:comments?|markers?|code|functions?))?"
)
_ALSO = r"(?:\s*(?:,|/|\bor\b|\band\b|\bnor\b)\s*)+(?:no\s+)?"
_GENERIC: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        (
            "tests",
            r"\b(?:(?:all|every|each|the|of|existing|new|unit|integration|automated|regression|full|whole|entire|complete|100%"
            r"|project's|python|go|rust)\s+){0,5}"
            r"(?!(?:manual|performance|load|stress|smoke|user|usability|browser|e2e|end-to-end|acceptance|no)\b)"
            r"(?:[\w-]+\s+)?tests?(?:\s+suites?)?\s*:?\s+"
            r"(?:(?:all|is|are|must|should|still|be|run)\s+){0,3}(?:pass(?:es|ed|ing)?|green|succeeds?)\b",
        ),
        ("tests", r"\bno\s+(?:failing\s+tests|tests?\s+fail(?:s|ures?)?)\b"),
        (
            "lint",
            r"\b(?:lint(?:er|ers|ing)?|ruff|eslint|clippy|flake8|pylint|golangci-lint|rubocop|biome)(?:\s+checks?)?`?\s+"
            r"(?:(?:is|are|runs?|reports?|must|be|stays?)\s+){0,3}"
            r"(?:clean(?:ly)?|pass(?:es|ing)?|(?:no|without|zero)\s+(?:errors?|warnings?|issues?|findings?|violations?))\b",
        ),
        (
            "lint",
            r"\b(?:no|zero)\s+lint(?:er|ing)?\s+(?:errors?|warnings?|issues?|findings?|violations?)\b",
        ),
        ("lint", r"\blint[ -]clean\b"),
        ("imports", r"\b(?:all\s+)?imports?\s+(?:all\s+)?(?:resolves?|works?|succeeds?)\b"),
        ("imports", r"\b(?:compiles|builds)\b|\bbuild\s+(?:succeeds|passes)\b|\b(?:must|should)\s+(?:compile|build)\b"),
        (
            "leftovers",
            rf"\b(?:no|zero|without|free\s+of)\s+(?:more\s+|remaining\s+|any\s+)?{_LEFTOVER}(?:{_ALSO}{_LEFTOVER})*",
        ),
    )
)
_END_TO_END = re.compile(
    r"\b(?:end[- ]to[- ]end|e2e)\s+(?:tests?|command|run|check)\s+(?:passes|pass|succeeds|exits\s+0)\b", re.I
)
_EXISTS = words(
    """
    exist exists existing created present there available committed
    """
)
_FILLER = _EXISTS | words(
    """
    a an the all and or with in into is are be been has have must should of for to on at it both also still file
    files folder directory project code codebase repository repo phase module modules package whole entire every
    each anywhere no errors error without successfully cleanly completely finally command exits 0 remain remaining
    left passes
    """
)
_TEST_NAME = re.compile(
    r"(?<![\w/.])(?:test_\w+|\w+_test\b|Test[A-Z]\w+|(?:[\w.-]+/)*(?:test_[\w.-]+|[\w-]+_test)\.\w+"
    r"|[\w/.-]+\.(?:test|spec)\.\w+|(?:[\w.-]+/)*__?tests?__?/[\w/.-]+|(?:[\w.-]+/)*tests?/[\w/.-]*\w)(?:::[\w:]+)?"
)
_WORDS = re.compile(r"[\w-]+")


class Evidence:
    """What a phase's checks cover: its expected files, and its test commands in the order of their keys."""

    def __init__(self, paths: Set[str], commands: Sequence[str], *, end_to_end: str | None = None) -> None:
        self._paths = paths
        self._complete = Completion(paths)
        self._keys: dict[str, str] = {}
        for n, command in enumerate(commands):
            self._keys.setdefault(" ".join(command_words(command)), f"tests:{n}")
        if end_to_end:
            self._keys.setdefault(" ".join(command_words(end_to_end)), "e2e")
        self._end_to_end = end_to_end is not None
        self._mentions = Mentions(self._keys, command_words)

    def proofs(self, text: str) -> tuple[str, ...]:
        """The check keys that prove a criterion.

        A criterion that names a test command or a test is proven by it, whatever else it says. Any other is proven only
        if nothing is left after removing what checks prove and filler words.
        """
        claim = _claim(text)
        named = [self._keys[command] for command in self._mentions.find(text)]
        if self._end_to_end and _END_TO_END.search(text):
            named.append("e2e")
        if not named and claim.names_test:
            named = ["tests"]
        there = {self._complete(path) for path in claim.paths} <= self._paths
        if claim.paths and not there:
            return tuple(dict.fromkeys(named))
        if not (named or claim.is_all):
            return ()
        generic = (key for key in claim.keys if not (named and key == "tests"))
        return tuple(dict.fromkeys([*(["files"] if claim.paths else []), *generic, *named]))


class CriterionClaim(msgspec.Struct, frozen=True):
    """What a criterion claims, independent of the plan: existing paths, checks by kind, and whether that is all."""

    paths: frozenset[str]
    keys: tuple[str, ...]
    is_all: bool
    names_test: bool


def existence(text: str) -> frozenset[str]:
    """The paths that a criterion says exist; none if it says what they do."""
    return _claim(text).paths


@lru_cache(maxsize=4096)  # the document's criteria are examined once for each phase
def _claim(text: str) -> CriterionClaim:
    said: list[str] = []
    left: list[str] = []
    for word in re.split(r"[\s,]+", SPAN.sub(lambda span: f" {span[2]} ", text)):
        paths = paths_of(files.mentioned(word))
        said += paths
        left += [] if paths else [word]
    rest, keys = _generic(" ".join(left))
    words = {word.lower() for word in _WORDS.findall(rest)}
    if said and words <= _FILLER and (words & _EXISTS or words <= {"and", "file", "files"}):
        return CriterionClaim(frozenset(said), keys, True, False)
    rest, keys = _generic(text)
    is_all = all(word.lower() in _FILLER for word in _WORDS.findall(rest))
    return CriterionClaim(frozenset(), keys, is_all, _TEST_NAME.search(text) is not None)


def _generic(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what kinds of checks prove, and the keys of these checks."""
    keys = []
    for key, pattern in _GENERIC:
        text, count = pattern.subn(" ", text)
        keys += [key] if count else []
    return text, tuple(dict.fromkeys(keys))

"""A phase's criteria, and the commands that it names as tests anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from conductor.reading.fields import commands
from conductor.reading.fields.commands import SPAN, Command
from conductor.reading.markdown.body import Field, ReadItem, SectionBody, entries, join, own_value
from conductor.reading.markdown.document import Block, Fence, List, Text
from conductor.reading.vocabulary.labels import NOTHING, words

_NOTHING = re.compile(f"^{NOTHING}", re.IGNORECASE)
_ONLY_RUN = words(
    """
    run runs running execute and then to the with passes pass ok command commands exits 0 via using
    """
)
_WORD = re.compile(r"[^\W_]+")
_EXITS = re.compile(r"\bexits?\s+(?:0|with\s+(?:code\s+)?0|zero|code\s+0)\b", re.IGNORECASE)
_PASSES = re.compile(
    r"^`(?![^`]*\b(?:release|deploy|publish|start|serve|dev|install|add|init)\b)[^`]+`\s+(?:(?:still|must|should)\s+)?(?:pass(?:es)?|succeeds?|pasan?|passent?|passam?|läuft|проход[ия]т|работает|выполняется|通过|通過)"
    r"|^`(?![^`]*\b(?:release|deploy|publish|start|serve|dev|install|add|init)\b)[^`]+`\s+runs?\s+(?:clean|without|successfully)",
    re.IGNORECASE,
)
_TO_RUN = re.compile(
    r"^(?:[^:]{1,40}:\s+)?(?:run|re-?run|verify|validate|ensure|confirm|check|execute)\b|\b(?:pass(?:es)?|green|exits?\s+0|succeeds|no\s+(?:\w+\s+)?errors?)\b|:\s*\.?$"
    r"|実行|確認|运行|执行|验证|실행|확인|провер|запуст|выполн|ejecut|verific|execut|rodar|lancer|vérifi|ausführ|prüf|grün|fehlerfrei|chạy",
    re.IGNORECASE,
)
_TO_MAKE = re.compile(
    r"\b(?:to|and)\s+(?:generate|create|install|produce|update|build)\b|\bhow\s+to\s+run\b", re.IGNORECASE
)
_ALONE = re.compile(r"^`[^`]+`\s*(?:\([^()]*\))?$")
_ASSERTS = re.compile(
    r"\b(?:pass(?:es|ed|ing)?|exits?|succeeds?|green|works?|clean(?:ly)?|builds?|compiles?|(?:no|without|zero)\s+(?:\w+\s+)?errors?"
    r"|verify|validate|ensure|confirm|check|run|runs|pasan?|passent?|passam?|läuft|grün|fehlerfrei|проход[ия]т|работает|выполняется)\b|通过|通過|成功|통과",
    re.IGNORECASE,
)


_RED = re.compile(
    r"\b(?:fails?|failing|red|no\s+longer|before\s+you|once|production|staging|migrations?)\b", re.IGNORECASE
)
_CHECKS = re.compile(
    r"\b(?:(?:py|vi|c)?tests?|spec|rspec|jest|lint|checks?|type-?check|tsc|mypy|pyright|ruff|eslint|clippy|vet|flake8|pylint"
    r"|compileall|gofmt|fmt|unittest|verify)\b|\b(?:go|cargo|npm run|pnpm|yarn|mvn|dotnet|make)\s+build\b(?!:)",
    re.IGNORECASE,
)


def criteria_in(fields: Sequence[Field]) -> list[ReadItem]:
    """The criteria in order: of criteria fields, of automated and manual verification, and what `Verification:` says
    beyond naming a command."""
    own = [e for f in fields if f.name in ("success_criteria", "automated", "manual") for e in _entries(f)]
    found = list(own)
    for field in fields:
        if field.name == "verification":
            for entry in _entries(field):
                named = [*commands.in_entry(entry, sure=False)]
                if not named or _says_more(entry.text, besides=_ONLY_RUN if own else _ONLY_RUN - {"pass", "passes"}):
                    found.append(entry)
    kept = {entry.text: entry for entry in reversed(found) if not _NOTHING.match(entry.text)}
    return sorted(kept.values(), key=lambda entry: entry.line)


def commands_in(fields: Sequence[Field], goals: Iterable[ReadItem]) -> Iterator[Command]:
    """Commands of verification fields, of criteria that say a command passes, and of goals to run one.

    What a person verifies by hand is not a test.
    """
    for field in fields:
        if field.name in ("verification", "automated"):
            yield from commands.in_field(field)[0]
        elif field.name == "tests":  # may describe anything that is tried
            prose = {entry.line for entry in _entries(field) if _WORD.search(SPAN.sub(" ", entry.text))}
            for command in commands.in_field(field)[0]:
                if command.line not in prose or commands.verifies(command.text):
                    yield command
        elif field.name == "success_criteria":
            for entry in _entries(field):
                sure = _EXITS.search(entry.text) is not None or _PASSES.search(entry.text) is not None
                yield from (command for command in _asserted(entry) if sure or commands.verifies(command.text))
    for goal in goals:
        text = SPAN.sub(" ", goal.text)
        if (_TO_RUN.search(text) and not _TO_MAKE.search(text)) or (_ALONE.match(goal.text) and not _RED.search(text)):
            yield from (command for command in commands.in_spans(goal) if commands.verifies(command.text))


def commands_shown(body: SectionBody) -> Iterator[Command]:
    """Commands in the shell fences of, or right after, a step that runs something: `Step 4: Run the tests`."""
    yield from _shown(body.blocks)
    for _, group in body.groups:
        yield from commands_shown(group)


def _shown(blocks: Sequence[Block]) -> Iterator[Command]:
    before: Block | None = None
    for block in blocks:
        if isinstance(block, List):
            for item in block.items:
                yield from _shown((Text(item.lines), *item.blocks) if item.lines else item.blocks)
        elif isinstance(block, Fence) and before is not None and _is_check(_heading_of(before)):
            yield from (command for command in commands.in_fence(block) if _CHECKS.search(command.text))
            continue  # another fence may follow
        before = block


def _is_check(text: str) -> bool:
    """Whether a step expects something to pass; not one that expects it to fail, or is done only once."""
    return _TO_RUN.search(text) is not None and not _RED.search(text)


def _heading_of(block: Block) -> str:
    """The text right before a fence: a paragraph, or a list's last item if that contains nothing else."""
    if isinstance(block, List):
        last = block.items[-1]
        return "" if last.blocks else join(last.lines)
    return join(block.lines) if isinstance(block, Text) else ""


def _entries(field: Field) -> list[ReadItem]:
    return entries(field.body, value=own_value(field))


def _asserted(entry: ReadItem) -> Iterator[Command]:
    """Commands of a text that says they pass, or that ends with them: `Lint is clean: `make lint``."""
    named = [*commands.in_spans(entry)]
    rest = SPAN.sub(" ", entry.text)
    if named and (_ASSERTS.search(rest) or rest.rstrip(" .").endswith((":", "：")) or len(_WORD.findall(rest)) < 3):
        yield from named


def _says_more(text: str, *, besides: Set[str]) -> bool:
    left = {word.lower() for word in _WORD.findall(SPAN.sub(" ", text))}
    return bool(SPAN.search(text)) and not left <= besides

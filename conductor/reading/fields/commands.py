"""Recognises shell commands, and which of them are tests. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from conductor.reading.markdown import shell
from conductor.reading.markdown.body import Field, ReadItem, entries, fences, own_value
from conductor.reading.markdown.document import Fence
from conductor.reading.vocabulary.labels import normalise, words


class Command(msgspec.Struct, frozen=True, gc=False):
    text: str
    line: int


SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
"""A code span as `markdown.document` writes it; group 2 is the code."""

_TOOLS = words(
    """
    pytest python python3 py uv uvx poetry hatch pdm tox nox make just npm npx yarn pnpm bun bunx node deno tsc jest
    vitest mocha playwright cypress go gotestsum cargo rustc gcc g++ clang cmake ctest meson ninja bazel buck gradle
    mvn java javac kotlinc sbt lein dotnet swift xcodebuild ruby bundle rake rspec rails php composer phpunit
    artisan elixir mix rebar3 erl stack cabal ghc zig lua dart flutter perl prove bash sh zsh test [ grep rg find
    diff cmp ls cat jq yq curl wget docker docker-compose podman kubectl helm terraform ruff mypy pyright black
    isort flake8 pylint eslint prettier biome golangci-lint staticcheck buf protoc sqlite3 psql redis-cli git
    shellcheck coverage unittest env time timeout echo printf true ! cd export rm tsx ts-node turbo nx ng pre-commit
    pants stylelint oxlint dprint alembic django-admin flask uvicorn gunicorn streamlit dbt cdk sam ansible-playbook
    ansible-lint yamllint hadolint actionlint markdownlint semgrep bandit pip-audit vulture gleam dune Rscript julia
    forge hardhat anchor slither wc head tail awk sed sort xargs openssl aws gcloud az gh supabase nslookup ping ssh
    scp nc wrangler vercel heroku flyctl netlify psql mysql mongosh wget knip depcheck spectral dagger php-cs-fixer pint
    phpstan psalm brakeman ktlint detekt swiftlint swiftformat ruff pip npm-run-all goose sqlc serverless nodemon
    printenv sleep mkdir cp mv touch chmod kill pkill lsof tree act unittest2 hugo mkdocs
    """
)
_ALONE = words(
    """
    pytest tox nox make just jest vitest mocha tsc ctest prove rspec rake phpunit mypy pyright pre-commit ginkgo lein
    """
)
"""Tools that are commands on their own; others need an argument, because `test` or `git` are words as well."""
_ENGLISH = re.compile(
    r"^(?:make|go|test|just|find|time|stack|mix|node|swift|bundle|echo|rake|prove|buck|ruby|dart|java|cat|ls|cd|export)"
    r"\s+(?:sure|the|an?|it|that|this|through|all|every|each|your|over|with|and|is|are|for|to|in|of|code|files?)\b",
    re.IGNORECASE,
)
_NOTHING = frozenset({"none", "n/a", "na", "-", "tbd", "todo"})
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=\S*$")
_VERIFIES = re.compile(
    r"\b(?:(?:py|vi|c)?tests?|testing|spec|rspec|jest|lint|checks?|type-?check|tsc|mypy|pyright|ruff|eslint|clippy|vet|build|compileall"
    r"|py_compile|gofmt|mvn|rustfmt|analy[sz]e|tox|nox|ci|coverage|verify|validate|e2e|benchmarks?|audit|curl|fmt|format|flake8|pylint|biome)\b|--check\b"
    r"|^(?:test|\[)\s|-m\s+unittest|-c\s",
    re.IGNORECASE,
)

_PREPARES = re.compile(
    r"^(?:sudo\s+)?(?:mkdir|touch|cp|mv|ln|chmod|curl\s+-\S*O|New-Item|Move-Item|Copy-Item|Set-\w+|python3?\s+-m\s+venv|source"
    r"|(?:npm|pnpm|yarn|bun|pip3?|poetry|uv|brew|apt(?:-get)?|cargo|gem|composer|go|dotnet|flutter|conda)\s+(?:pub\s+)?"
    r"(?:i|install|add|ci|init|create|new|get|require|sync|venv|mod\s+(?:init|tidy))"
    r"|npx\s+(?:-y\s+|--yes\s+)?(?:create-\S+|shadcn\S*|\S+\s+(?:add|init)))(?:\s|$)"
)


def looks_like_command(text: str) -> bool:
    """Whether text without backticks reads as a shell command: it starts with a known tool or a script's path."""
    parts = text.split()
    while parts and _ASSIGNMENT.match(parts[0]):
        parts = parts[1:]
    if not parts or _ENGLISH.match(" ".join(parts)):
        return False
    first = parts[0]
    if first.startswith("./"):
        return first.endswith(".sh") or "/" in first[2:] or len(parts) > 1 or "." not in first[2:]
    if len(parts) == 1:
        return first in _ALONE
    return first in _TOOLS or first.endswith((".sh", ".py")) or "/bin/" in first


def verifies(command: str) -> bool:
    """Whether a command checks something, as tests, linters, type checkers and builds do."""
    return _VERIFIES.search(command) is not None


def prepares(command: str) -> bool:
    """Whether a command only installs something, or creates or moves files: a step of the work, not a test."""
    parts = command.split(" && ")
    return all(_PREPARES.match(part) or part.startswith("cd ") for part in parts) and parts[-1][:3] != "cd "


def in_field(field: Field) -> tuple[list[Command], list[ReadItem]]:
    """The commands of a command field's value, bullets and fences, and the entries without a recognised command.

    A label such as `Tests:` may introduce prose; the value of `Test Command:` is a command.
    """
    sure = field.name in ("test_commands", "end_to_end")
    tests = normalise(field.label) not in ("run", "command", "commands")  # these may also say how something is made
    found: list[Command] = []
    unknown: list[ReadItem] = []
    for entry in entries(field.body, value=own_value(field)):
        commands = list(in_entry(entry, sure=sure))
        found += [command for command in commands if tests or not prepares(command.text)]
        unknown += [] if commands else [entry]
    fenced = [command for fence in fences(field.body) for command in in_fence(fence)]
    fenced = [command for command in fenced if tests or not prepares(command.text)]
    return unique([*found, *fenced]), [] if fenced else unknown


def in_spans(entry: ReadItem) -> Iterator[Command]:
    """Commands in running text: code spans that look like one."""
    return (Command(text, entry.line) for text in _spans(entry.text) if looks_like_command(text))


def in_entry(entry: ReadItem, *, sure: bool) -> Iterator[Command]:
    """The first code span and later ones that look like a command; if there is none, the bare lines."""
    spans = _spans(entry.text)
    for n, span in enumerate(spans):
        if (sure and n == 0) or looks_like_command(span):
            yield Command(span, entry.line)
    for line in () if spans else map(shell.without_comment, entry.text.split("\n")):
        bare = shell.PROMPT.sub("", line.strip())
        if looks_like_command(bare) or (sure and bare and not _is_prose(bare)):
            yield Command(bare, entry.line)


def _spans(text: str) -> list[str]:
    return [shell.PROMPT.sub("", match[2].strip()) for match in SPAN.finditer(text)]


def _is_prose(text: str) -> bool:
    return (
        text[0].isupper() or text.endswith((".", ":")) or _ENGLISH.match(text) is not None or text.lower() in _NOTHING
    )


def in_fence(fence: Fence) -> Iterator[Command]:
    """Commands of a shell fence; in a fence without a language, what looks like a command."""
    language = fence.info.split(" ")[0].lower()
    if language in shell.SHELLS:
        for text, line in shell.commands_of(fence):
            if language not in ("", "text") or looks_like_command(text):
                yield Command(text, line)


def unique(commands: Iterable[Command]) -> list[Command]:
    """Each text once, at its first place."""
    found: dict[str, Command] = {}
    for command in commands:
        found.setdefault(command.text, command)
    return list(found.values())

"""Which text is a shell command, and which commands no one should run as a test. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from conductor.spec.body import Entry, Field, entries, fences, own_value
from conductor.spec.document import Fence
from conductor.spec.labels import words


class Command(msgspec.Struct, frozen=True, gc=False):
    text: str
    line: int


SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
"""A code span as `document` writes it; group 2 is the code."""

_TOOLS = words(
    """
    pytest python python3 py uv uvx poetry hatch pdm tox nox make just npm npx yarn pnpm bun bunx node deno tsc jest
    vitest mocha playwright cypress go gotestsum cargo rustc gcc g++ clang cmake ctest meson ninja bazel buck gradle
    mvn java javac kotlinc sbt lein dotnet swift xcodebuild ruby bundle rake rspec rails php composer phpunit
    artisan elixir mix rebar3 erl stack cabal ghc zig lua dart flutter perl prove bash sh zsh test [ grep rg find
    diff cmp ls cat jq yq curl wget docker docker-compose podman kubectl helm terraform ruff mypy pyright black
    isort flake8 pylint eslint prettier biome golangci-lint staticcheck buf protoc sqlite3 psql redis-cli git
    shellcheck coverage unittest env time timeout echo printf true ! cd export rm
    """
)
_ENGLISH = re.compile(
    r"^(?:make|go|test|just|find|time|stack|mix|node|swift|bundle|echo|rake|prove|buck|ruby|dart|java|cat|ls|cd|export)"
    r"\s+(?:sure|the|an?|it|that|this|through|all|every|each|your|over|with|and|is|are|for|to|in|of|code|files?)\b",
    re.IGNORECASE,
)
_NOTHING = frozenset({"none", "n/a", "na", "-", "tbd", "todo"})
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=\S*$")
_PROMPT = re.compile(r"^(?:\$|>|%|❯)\s+")
_SHELLS = frozenset({"", "bash", "sh", "shell", "zsh", "console", "shell-session", "terminal", "powershell", "text"})

_LONGEST = 4000

_DOUBTFUL: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        (
            "it holds a placeholder",
            r"<[a-z][\w-]*(?: [\w-]+)*>|\{\{|\byour[-_]\w+|\bTODO\b|\bTBD\b|(?<![\w/.])\.\.\.(?![\w/])|…",
        ),
        (
            "it deletes",
            r"(?:^|[\s;&|(])(?:rm|rmdir|shred|dropdb)\s|\bgit\s+(?:clean|reset\s+--hard|branch\s+-D)|\bdrop\s+(?:table|database)\b"
            r"|\bkubectl\s+delete\b|\bterraform\s+destroy\b|\bprune\b|\s-delete\b|\bdocker\s+(?:rmi?|volume\s+rm)\b"
            r"|\b(?:compose|docker-compose)\s+down\b",
        ),
        (
            "it deploys or publishes",
            r"\bdeploy\b|\bkubectl\s+(?:apply|rollout|create)\b|\bterraform\s+apply\b|\bhelm\s+(?:install|upgrade)\b|\bpublish\b"
            r"|\bgit\s+push\b|\bdocker\s+push\b|\btwine\s+upload\b|\bgh\s+(?:release|pr)\b|\b(?:heroku|vercel|flyctl|netlify)\b",
        ),
        (
            "it does not end",
            r"\btail\s+(?:\S+\s+)*-[a-z]*f|(?:^|[;&|]\s*)(?:watch|top|htop|less|more|vim?|nano|nodemon|gunicorn|uvicorn)\s"
            r"|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?(?:start|dev|serve|watch)\b|\bflask\s+run\b|\brunserver\b|\bhttp\.server\b"
            r"|\b(?:rails|next|vite|ng|hugo|mkdocs|jekyll)\s+(?:s|server|serve|dev|start)\b|--watch(?:All)?\b(?!=false)"
            r"|\b(?:compose|docker-compose)\s+up\b(?!.*\s(?:-d\b|--detach|--abort-on-container-exit|--exit-code-from|--wait))"
            r"|\bsleep\s+infinity\b|\bkubectl\s+(?:logs\s+.*-f\b|port-forward)",
        ),
        (
            "it asks for input",
            r"(?:^|[;&|]\s*)(?:sudo|read|passwd|ssh-keygen)\s|\bgit\s+(?:rebase|add)\s+-[ip]\b|\bdocker\s+(?:run|exec)\s+-it\b"
            r"|\bnpm\s+init\b(?!.*-y)",
        ),
        (
            "it reaches another host",
            r"\b(?:https?|ftp|wss?)://(?!(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/\s'\"]|$))"
            r"|(?:^|[;&|]\s*)(?:ssh|scp|sftp|telnet|ftp)\s|\brsync\s+.*\w:",
        ),
    )
)


def doubtful(command: str) -> str | None:
    """Why `command` must not be taken as a test (READY_FORMAT's variation 12), or None."""
    if len(command) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    return next((reason for reason, pattern in _DOUBTFUL if pattern.search(command)), None)


def looks_like_command(text: str) -> bool:
    """Whether text without code marks reads as a shell command: it begins with a known tool or a script's path."""
    parts = text.split()
    while parts and _ASSIGNMENT.match(parts[0]):
        parts = parts[1:]
    if not parts or _ENGLISH.match(" ".join(parts)):
        return False
    first = parts[0]
    return first in _TOOLS or first.startswith("./") or first.endswith((".sh", ".py"))


def in_field(field: Field) -> tuple[list[Command], list[Entry]]:
    """Commands of a command field's value, bullets and fences; and the entries in which none was recognised.

    A label such as `Tests:` may introduce prose, one such as `Test Command:` says what its value is.
    """
    sure = "command" in field.label.lower() or field.name == "end_to_end"
    found: list[Command] = []
    unknown: list[Entry] = []
    for entry in entries(field.body, value=own_value(field)):
        commands = list(_in_entry(entry, sure=sure))
        found += commands
        unknown += [] if commands else [entry]
    fenced = [command for fence in fences(field.body) for command in in_fence(fence)]
    return unique([*found, *fenced]), [] if fenced else unknown


def in_spans(entry: Entry) -> Iterator[Command]:
    """Commands named in running text: code spans that look like one."""
    return (Command(text, entry.line) for text in _spans(entry.text) if looks_like_command(text))


def _in_entry(entry: Entry, *, sure: bool) -> Iterator[Command]:
    """The first code span, and those after it that look like a command; without one, the bare lines."""
    spans = _spans(entry.text)
    for n, span in enumerate(spans):
        if (sure and n == 0) or looks_like_command(span):
            yield Command(span, entry.line)
    for line in () if spans else entry.text.split("\n"):
        bare = _PROMPT.sub("", line.strip())
        if looks_like_command(bare) or (sure and bare and not _is_prose(bare)):
            yield Command(bare, entry.line)


def _spans(text: str) -> list[str]:
    return [_PROMPT.sub("", match[2].strip()) for match in SPAN.finditer(text)]


def _is_prose(text: str) -> bool:
    return (
        text[0].isupper() or text.endswith((".", ":")) or _ENGLISH.match(text) is not None or text.lower() in _NOTHING
    )


def in_fence(fence: Fence) -> Iterator[Command]:
    """Commands of a shell fence: a line each, continued after a backslash; comments and a session's output dropped."""
    if fence.info.split(" ")[0].lower() not in _SHELLS:
        return
    session = any(line.startswith("$ ") for line in fence.code)
    pending, first = "", 0
    for n, raw in enumerate(fence.code, fence.line):
        line = raw.strip()
        if not pending and (not line or line.startswith("#") or (session and not line.startswith("$ "))):
            continue
        first = first if pending else n
        pending += line if pending else _PROMPT.sub("", line)
        if pending.endswith("\\"):
            pending = pending[:-1].rstrip() + " "
        else:
            yield Command(_comment_off(pending), first)
            pending = ""
    if pending.strip():
        yield Command(pending.strip(), first)


def unique(commands: Iterable[Command]) -> list[Command]:
    return list({command.text: command for command in reversed(list(commands))}.values())[::-1]


def _comment_off(command: str) -> str:
    """Without a trailing comment, unless a quote could hold it."""
    head, mark, _ = command.partition(" # ")
    return head.rstrip() if mark and not set(head) & {"'", '"'} else command

"""Front matter: YAML between two `---` lines at the start of a Markdown file, with every scalar kept as text.

It knows no particular keys. Nothing is executed, and nothing expands in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from conductor.errors import UsageError

LARGEST = 20_000  # characters of front matter
DEEPEST = 20  # levels of nesting
_NOTHING = ("", "~", "null", "Null", "NULL")

# Claude Code also accepts `description: Use it when: …`, which is not YAML. Other forms of YAML are left alone.
_TEXT = re.compile(
    r"^([A-Za-z][\w-]*):[ \t]+(?![|>&]|\*\S|\".*\"[ \t]*$|'.*'[ \t]*$|\[.*\][ \t]*$|\{.*\}[ \t]*$)"
    r"(\S(?:.*\S)?)[ \t]*$(?!\n[ \t])",
    re.MULTILINE,
)
# Written as `"\0"` or `"\uD800"` they pass YAML, but neither a command's argument nor an event can hold them.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


class FrontMatter(msgspec.Struct, frozen=True):
    """`fields` holds the non-empty texts, lists and tables; `end` is the closing line, from 1."""

    file: str
    fields: dict[str, Any]
    end: int
    body: str
    lines: tuple[str, ...]

    def line_of(self, key: str) -> int:
        """The line of a key, from 1; the closing line for a missing key."""
        found = (n for n, line in enumerate(self.lines, 2) if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*:", line))
        return next(found, self.end)

    def place(self, key: str) -> str:
        """`file:line` of a key."""
        return f"{self.file}:{self.line_of(key)}"

    def text(self, key: str) -> str:
        """A value as one line; "" for a missing key. Raises UsageError if it is a list or a table."""
        value = self.fields.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, f"{key} is a {'list' if isinstance(value, list) else 'table'}", "text")
        return " ".join(value.split())

    def wrong(self, key: str, problem: str, allowed: str) -> UsageError:
        """The error for a wrong value of a key."""
        return wrong(self.file, self.line_of(key), problem, allowed)


def read(text: str, file: str) -> FrontMatter | None:
    """The front matter of a file and the text after it, or None.

    Raises UsageError with the line if it is not YAML, not a table, nested too deeply, too large, or has aliases.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    closing = (n for n, line in enumerate(lines) if n and line.rstrip() in ("---", "..."))
    end = next(closing, 0) if lines[0].rstrip() == "---" else 0
    if not end:
        return None
    inner = tuple(lines[1:end])
    if sum(map(len, inner)) > LARGEST:
        raise wrong(file, 1, "its front matter is too large", f"at most {LARGEST:,} characters")
    fields = _loaded(inner, file)
    if not isinstance(fields, dict):
        raise wrong(file, 2, "its front matter has no keys", "lines of `key: value`")
    kept = {key: value for key, value in fields.items() if value not in _NOTHING}
    return FrontMatter(file, kept, end + 1, "\n".join(lines[end + 1 :]), inner)


def _loaded(lines: Sequence[str], file: str) -> Any:
    import yaml

    source = "\n".join(lines)
    try:
        return _parsed(source)
    except yaml.YAMLError as error:
        try:
            return _parsed(_TEXT.sub(_quoted, source))
        except yaml.YAMLError:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 2 if mark is not None else 1
            problem = getattr(error, "problem", None) or "it contains a character that is not allowed"
            raise wrong(file, line, f"its front matter cannot be read: {problem}", "YAML without aliases") from None


def _quoted(found: re.Match[str]) -> str:
    return f"{found[1]}: {json.dumps(found[2], ensure_ascii=False)}"


def _parsed(source: str) -> Any:
    import yaml

    try:
        return yaml.load(source, Loader=_loader())
    except (ValueError, OverflowError):  # `"\UFFFFFFFF"`
        raise yaml.YAMLError from None


@cache
def _loader() -> Any:
    """The safest YAML loader: every scalar is text. Aliases are refused, because a few can expand to gigabytes."""
    import yaml

    class Plain(yaml.BaseLoader):
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            events: Any = self  # its methods are untyped
            event = events.peek_event()
            place: Any = event.start_mark
            if isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(None, None, "aliases are not allowed", place)
            if isinstance(event, yaml.ScalarEvent) and _NO_TEXT.search(event.value):
                raise yaml.MarkedYAMLError(None, None, "it contains a character that is not text", place)
            self.depth += 1
            if self.depth > DEEPEST:
                raise yaml.MarkedYAMLError(None, None, "it is nested too deeply", place)
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

    return Plain


def wrong(file: str, line: int, problem: str, allowed: str) -> UsageError:
    """The error for a problem in a role file."""
    return UsageError(f"{file}:{line}: {problem}", allowed=allowed, hint="correct the file and commit it")

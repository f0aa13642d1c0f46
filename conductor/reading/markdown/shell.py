"""Splits code fences into whole shell commands: continued lines, blocks, quotes and here-documents. Judges none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor.reading.markdown.document import Fence

SHELLS = frozenset({"", "bash", "sh", "shell", "zsh", "console", "shell-session", "terminal", "powershell", "text"})
PROMPT = re.compile(r"^(?:\$|>|%|❯)\s+")
_LONGEST = 60  # lines of a command: a stray quote must not swallow the fence
_OPENS = re.compile(r"(?:^|[;&|]\s*)(?:if|for|while|until|case)\b|\{\s*$")
_CLOSES = re.compile(r"(?:^|[;\s])(?:fi|done|esac)\b|^\s*\}")
_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_STATE = re.compile(r"^(?:cd|export|source|\.|set)\s+\S[^;&|]*$")  # what later lines depend on


def commands_of(fence: Fence) -> Iterator[tuple[str, int]]:
    """The commands of a shell fence with their lines, comments and a session's output dropped.

    A line that only changes directory or sets a variable is prefixed to the commands after it.
    """
    state: list[str] = []
    for text, line in _whole(fence):
        if _STATE.match(text):
            if text.startswith("cd "):
                state = [part for part in state if not part.startswith("cd ") or not text.startswith("cd /")]
            state.append(text)
        else:
            yield " && ".join([*state, text]), line


def without_comment(line: str) -> str:
    """`line` without its unquoted comment."""
    quote = ""
    for n, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and (n == 0 or line[n - 1].isspace()):
            return line[:n].rstrip()
    return line


def _whole(fence: Fence) -> Iterator[tuple[str, int]]:
    session = any(line.startswith("$ ") for line in fence.code)
    pending: list[str] = []
    first, depth, here = 0, 0, ""
    for n, raw in enumerate(fence.code, fence.line):
        line = raw.strip()
        if not pending:
            if not line or line.startswith("#") or (session and not line.startswith("$ ")):
                continue
            first, line = n, PROMPT.sub("", line)
        if here:
            pending.append(raw)
            here = "" if line == here else here
        else:
            quoted = _open_quote("\n".join(pending))
            line = raw if quoted else without_comment(line)
            pending.append(line)
            if opened := _HERE.search(line):
                here = opened[2]
            depth += 0 if quoted else len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
        text = "\n".join(pending)
        if pending[-1].endswith("\\"):
            pending = [text[:-1].rstrip().replace("\\\n", " ") + " \\"]
            continue
        if len(pending) > _LONGEST or (not here and depth <= 0 and not _open_quote(text)):
            yield _joined(text), first
            pending, depth, here = [], 0, ""
    if pending:
        yield _joined("\n".join(pending)), first


def _joined(text: str) -> str:
    return re.sub(r"\s*\\\n\s*", " ", text).removesuffix("\\").strip()


def _open_quote(text: str) -> bool:
    quote, escaped = "", False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)

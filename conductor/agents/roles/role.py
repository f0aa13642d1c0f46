"""The roles of agents, read from role files: front matter and a prompt, in the format of Claude Code's agents.

The built-in ones are `roles/*.md`. A project's own file of the same name takes precedence: see `override`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from conductor.agents.roles import front_matter
from conductor.agents.roles.front_matter import wrong
from conductor.agents.roles.tools import WRITES, read_tools
from conductor.errors import UsageError

_FOLDER = Path(__file__).parent
_SHARED = ("Where the specification is wrong", "Limits", "Report")  # sections that apply to every role

ROLES = ("implementation-executor", "fix-executor", "synthesis-architect", "code-reviewer", "test-implementer")
OVERRIDES = (".conductor/roles", ".claude/agents")  # a project's own role files; the first one found counts
LARGEST = 60_000  # bytes of a role file: a prompt is passed as one command-line argument


class Role(msgspec.Struct, frozen=True):
    """A role. `tools` are names of our tools; a read-only role has none that writes files.

    `doubts`: warnings about settings of its file that have no effect here, each with file and line.
    """

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str = ""  # as in the file: an alias or an id; "" or `inherit` for the default
    named: tuple[str, ...] = ()  # the tools by Claude Code's names
    doubts: tuple[str, ...] = ()

    @property
    def read_only(self) -> bool:
        return not WRITES & set(self.tools)


@cache
def role(name: str) -> Role:
    """The built-in role of that name. Raises UsageError if there is none."""
    if name not in ROLES:
        raise UsageError(f"unknown role: {name!r}", allowed=", ".join(ROLES))
    return read_role((_FOLDER / f"{name}.md").read_text(encoding="utf-8"), f"{name}.md")


def read_role(text: str, file: str = "a role file", *, ours: Role | None = None) -> Role:
    """Parse one role file. With `ours` it must be that role, and gets no writing tools if `ours` has none.

    Raises UsageError with file and line if it is not a role; unknown keys and tools are accepted.
    """
    front = front_matter.read(text, file)
    if front is None:
        raise wrong(file, 1, "there is no front matter", "`---`, lines of `key: value`, `---`, then the prompt")
    name, description = front.text("name"), front.text("description")
    for key, value in (("name", name), ("description", description)):
        if not value:
            raise front.wrong(key, f"{key} is missing", "name and description; tools and model if wanted")
    if ours is not None and name != ours.name:
        raise front.wrong("name", f"it describes the role {name[:60]!r}", f"name: {ours.name}")
    prompt = front.body.strip()
    if not prompt:
        raise wrong(file, front.end, "there is no prompt", "the role's prompt after the front matter")
    tools = read_tools(front, writes=ours is None or not ours.read_only)
    given = (*tools.ours, "report")
    return Role(name, description, given, prompt + "\n", front.text("model"), tools.named, tools.doubts)


def override(name: str, text: str, file: str) -> Role:
    """A project's own file for the built-in role `name`; shared sections that it lacks are added.

    Raises UsageError as `read_role` does, and if the file describes another role.
    """
    if len(text) > LARGEST:
        raise wrong(file, 1, "it is too long", f"{LARGEST} characters")
    own = read_role(text, file, ours=role(name))
    has = set(_sections(own.prompt))
    missing = [
        section for title, section in _sections(role(name).prompt).items() if title in _SHARED and title not in has
    ]
    return msgspec.structs.replace(own, prompt="\n\n".join((own.prompt.strip(), *missing)) + "\n")


def with_custom(acting: Role, custom: tuple[str, ...]) -> Role:
    """The role, plus what a specification says about it under `Custom Roles`."""
    said = [text for text in custom if _named_first(text) == acting.name]
    if not said:
        return acting
    head = "## From this specification\n\nWhat the specification says about your role overrides the above:"
    return msgspec.structs.replace(acting, prompt="\n\n".join((acting.prompt.strip(), head, *said)) + "\n")


def _named_first(text: str) -> str:
    """The role that a text starts with: `code-reviewer: looks at …`, also in bold or as code."""
    found = re.match(r"[*_`\s]*([a-z]+-[a-z]+)[*_`]*\s*(?::|-|–|—|\*|`|$)", text)
    return found[1] if found else ""


def _sections(prompt: str) -> dict[str, str]:
    """The second-level sections, each with its heading."""
    parts = re.split(r"^(?=## )", prompt, flags=re.MULTILINE)
    return {part[3:].partition("\n")[0].strip(): part.strip() for part in parts if part.startswith("## ")}

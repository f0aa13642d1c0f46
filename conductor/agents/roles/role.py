"""The roles an agent can have, read from role files: front matter and prompt, in the form of Claude Code's agents.

Ours are in `roles/*.md`. A project's own file of the same name comes before ours: see `override`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from conductor.errors import UsageError

# Claude Code's names for tools, so that the same files serve there, and ours. `report` is every role's.
_TOOLS: dict[str, tuple[str, ...]] = {
    "Read": ("view",),
    "Write": ("create",),
    "Edit": ("replace", "insert"),
    "Bash": ("bash",),
    "Grep": (),  # bash does it
    "Glob": (),
}
_FOLDER = Path(__file__).parent
_SHARED = ("Where the specification is wrong", "Limits", "Report")  # sections that hold for whoever works here

ROLES = ("implementation-executor", "fix-executor", "synthesis-architect", "code-reviewer", "test-implementer")
OVERRIDES = (".conductor/roles", ".claude/agents")  # a project's own role files; the first that is there counts
LARGEST = 60_000  # bytes of a role file: a prompt is given as one argument of a command


class Role(msgspec.Struct, frozen=True):
    """A role. `tools` are names of our tools; a read-only role is offered none that writes files."""

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str = ""  # as the file says it: an alias or an id; "" or `inherit`: whatever is the default
    named: tuple[str, ...] = ()  # the tools as the file names them

    @property
    def read_only(self) -> bool:
        return not {"create", "replace", "insert"} & set(self.tools)


@cache
def role(name: str) -> Role:
    """The role of that name, as we have it. Raises UsageError for one that does not exist."""
    if name not in ROLES:
        raise UsageError(f"there is no role {name!r}", allowed=", ".join(ROLES))
    return read_role((_FOLDER / f"{name}.md").read_text(encoding="utf-8"), f"{name}.md")


def read_role(text: str, file: str = "a role file") -> Role:
    """Read one role file. Raises UsageError with the file and the line where it is not one; keys of others are fine."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        raise _wrong(file, 1, "there is no front matter", "`---`, lines of `key: value`, `---`, then the prompt")
    fields: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines[1:end], 2):
        key, colon, value = line.partition(":")
        if colon and not key[:1].isspace():
            fields.setdefault(key.strip(), (number, value.strip().strip("\"'")))
    for key in ("name", "description", "tools"):
        if not fields.get(key, (0, ""))[1]:
            raise _wrong(
                file, fields.get(key, (end + 1, ""))[0], f"{key} is missing", "name, description, tools, model"
            )
    number, tools = fields["tools"]
    named = tuple(dict.fromkeys(filter(None, (name.strip(" \"'") for name in tools.strip("[]").split(",")))))
    for name in named:
        if name not in _TOOLS:
            raise _wrong(file, number, f"there is no tool {name!r}", ", ".join(_TOOLS))
    prompt = "\n".join(lines[end + 1 :]).strip()
    if not prompt:
        raise _wrong(file, end + 1, "there is no prompt", "the role's prompt after the front matter")
    ours = tuple(dict.fromkeys(tool for name in named for tool in _TOOLS[name]))
    model = fields.get("model", (0, ""))[1]
    return Role(fields["name"][1], fields["description"][1], (*ours, "report"), prompt + "\n", model, named)


def override(name: str, text: str, file: str) -> Role:
    """A project's own file for our role `name`; what it leaves out of the rules that all share is ours.

    Raises UsageError as `read_role`, and where the file is of another role.
    """
    if len(text) > LARGEST:
        raise _wrong(file, 1, "it is too long", f"{LARGEST} characters")
    own = read_role(text, file)
    if own.name != name:
        raise _wrong(file, 2, f"it is of the role {own.name!r}", f"name: {name}")
    has = set(_sections(own.prompt))
    missing = [
        section for title, section in _sections(role(name).prompt).items() if title in _SHARED and title not in has
    ]
    return msgspec.structs.replace(own, prompt="\n\n".join((own.prompt.strip(), *missing)) + "\n")


def with_custom(acting: Role, custom: tuple[str, ...]) -> Role:
    """The role with what a specification says under `Custom Roles` of the role of its name."""
    said = [text for text in custom if _named_first(text) == acting.name]
    if not said:
        return acting
    head = "## Of this specification\n\nThe specification says of your role; it comes before what stands above:"
    return msgspec.structs.replace(acting, prompt="\n\n".join((acting.prompt.strip(), head, *said)) + "\n")


def _named_first(text: str) -> str:
    """The role that a text begins with: `code-reviewer: looks at …`, also in bold or as code."""
    found = re.match(r"[*_`\s]*([a-z]+-[a-z]+)[*_`]*\s*(?::|-|–|—|\*|`|$)", text)
    return found[1] if found else ""


def _sections(prompt: str) -> dict[str, str]:
    """The sections of the second level, each with its heading."""
    parts = re.split(r"^(?=## )", prompt, flags=re.MULTILINE)
    return {part[3:].partition("\n")[0].strip(): part.strip() for part in parts if part.startswith("## ")}


def _wrong(file: str, line: int, what: str, allowed: str) -> UsageError:
    return UsageError(f"{file}:{line}: {what}", allowed=allowed, hint="mend the file and commit it")

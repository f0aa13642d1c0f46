"""The roles an agent can have, read from `roles/*.md`: front matter and prompt, in the form of Claude Code's agents."""

from __future__ import annotations

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
_FOLDER = Path(__file__).parent / "roles"

ROLES = ("implementation-executor", "fix-executor", "synthesis-architect", "code-reviewer", "test-implementer")


class Role(msgspec.Struct, frozen=True):
    """A role. `tools` are names of our tools; a read-only role is offered none that writes files."""

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str = ""  # as the file says it: an alias or an id; "" or `inherit`: whatever is the default

    @property
    def read_only(self) -> bool:
        return "create" not in self.tools


@cache
def role(name: str) -> Role:
    """The role of that name. Raises UsageError for one that does not exist."""
    if name not in ROLES:
        raise UsageError(f"there is no role {name!r}", allowed=", ".join(ROLES))
    return read_role((_FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def read_role(text: str) -> Role:
    """Read one role file. Raises ValueError when it is not one: these files are ours, not a user's."""
    opening, matter, prompt = text.split("---\n", 2)
    if opening:
        raise ValueError("a role file begins with its front matter")
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in matter.splitlines())}
    tools = tuple(tool for name in fields["tools"].split(",") for tool in _TOOLS[name.strip()])
    return Role(
        fields["name"], fields["description"], (*tools, "report"), prompt.strip() + "\n", fields.get("model", "")
    )

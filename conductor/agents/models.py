"""Which model each role uses. Aliases are Claude Code's, so that the same role files work there."""

from __future__ import annotations

from collections.abc import Mapping

from conductor.agents.roles.role import Role

# As of November 2026: https://platform.claude.com/docs/en/about-claude/models/overview
ALIASES = {"opus": "claude-opus-5-5", "sonnet": "claude-sonnet-5-5", "haiku": "claude-haiku-5-5"}
EVERY_ROLE = "default"  # in a user's `models`: every role not named there
INHERIT = "inherit"  # in a role file: the default


def model_of(role: Role, chosen: Mapping[str, str]) -> str:
    """The id of the model for `role`. `chosen` maps roles, or `default`, to ids or aliases.

    What the user chose for the role comes first, then what the user chose for every role, then the role's file.
    """
    own = "" if role.model == INHERIT else role.model
    name = chosen.get(role.name) or chosen.get(EVERY_ROLE) or own or "opus"
    return ALIASES.get(name, name)

"""Which model whose agents ask, and what is said of a choice that makes no sense."""

from __future__ import annotations

import pytest

from conductor.agents.models import ALIASES, model_of
from conductor.agents.roles.role import ROLES, read_role, role
from conductor.agents.runners.anthropic.runner import AnthropicAgent
from conductor.errors import UsageError

OPUS, SONNET, HAIKU = ALIASES["opus"], ALIASES["sonnet"], ALIASES["haiku"]


def a_role(model: str) -> str:
    line = f"model: {model}\n" if model else ""
    return f"---\nname: code-reviewer\ndescription: Reviews.\ntools: Read, Bash\n{line}---\nYou review.\n"


@pytest.mark.parametrize(
    ("file", "chosen", "model"),
    [
        ("", {}, OPUS),
        ("inherit", {}, OPUS),
        ("haiku", {}, HAIKU),
        ("claude-opus-4-8", {}, "claude-opus-4-8"),
        ("opus", {"default": "sonnet"}, SONNET),
        ("opus", {"default": "sonnet", "code-reviewer": "haiku"}, HAIKU),
        ("opus", {"fix-executor": "haiku"}, OPUS),
        ("", {"code-reviewer": "claude-of-tomorrow"}, "claude-of-tomorrow"),
    ],
)
def test_the_users_choice_comes_before_the_role_s(file: str, chosen: dict[str, str], model: str) -> None:
    assert model_of(read_role(a_role(file)), chosen) == model


def test_every_role_of_ours_has_a_current_model() -> None:
    assert {model_of(role(name), {}) for name in ROLES} == {OPUS, SONNET}


def test_the_aliases_are_models_that_the_sdk_knows() -> None:
    from typing import get_args

    from anthropic.types import Model

    known = {name for part in get_args(Model) for name in get_args(part)}
    assert set(ALIASES.values()) <= known


def test_a_choice_for_a_role_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UsageError, match="unknown role 'reviewer'"):
        AnthropicAgent({"ANTHROPIC_API_KEY": "x" * 20}, {"reviewer": "opus"})

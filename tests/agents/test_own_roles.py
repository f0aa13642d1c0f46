"""A project's own role files: what comes before ours, what stays ours, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from conductor.agents.roles.role import LARGEST, override, read_role, role, with_custom
from conductor.errors import UsageError

NAME = "code-reviewer"
FILE = f".conductor/roles/{NAME}.md"


def text(tools: str = "Read, Bash", prompt: str = "You review here.", **more: str) -> str:
    fields = {"name": NAME, "description": "Reviews.", "tools": tools, **more}
    return "\n".join(["---", *(f"{k}: {v}" for k, v in fields.items() if v), "---", "", prompt, ""])


def test_it_comes_before_ours_and_the_shared_rules_stay() -> None:
    own = override(NAME, text(model="haiku"), FILE)

    assert (own.tools, own.named, own.model, own.read_only) == (
        ("view", "bash", "report"),
        ("Read", "Bash"),
        "haiku",
        True,
    )
    assert own.prompt.startswith("You review here.\n\n## Where the specification is wrong")
    ours = role(NAME).prompt
    for heading in ("## Limits", "## Report"):
        assert ours[ours.index(heading) :].split("\n## ")[0].strip() in own.prompt
    assert "## How to work" not in own.prompt


def test_its_own_rules_come_before_the_shared_ones() -> None:
    own = override(NAME, text(prompt="Review.\n\n## Report\n\nAs I say."), FILE)
    assert own.prompt.count("## Report") == 1
    assert "As I say." in own.prompt


def test_whether_it_only_reads_follows_from_its_tools() -> None:
    assert override(NAME, text("Read, Write, Edit, Bash"), FILE).read_only is False
    assert override(NAME, text("[Read, 'Grep']"), FILE).tools == ("view", "report")


def test_other_keys_of_claude_code_are_no_error() -> None:
    again = text(color="blue").replace("---\n\n", "hooks:\n  Stop: x\n---\n\n").replace("\n", "\r\n")
    assert override(NAME, again, FILE).description == "Reviews."


@pytest.mark.parametrize(
    ("wrong", "where", "what"),
    [
        (text(tools="Read, WebFetch"), 4, "there is no tool 'WebFetch'"),
        (text(tools=""), 4, "tools is missing"),
        (text(description=""), 4, "description is missing"),
        (text(name="fix-executor"), 2, "it is of the role 'fix-executor'"),
        (text(prompt=""), 5, "there is no prompt"),
        ("You review.", 1, "there is no front matter"),
        ("---\nname: x\n", 1, "there is no front matter"),
        (text(prompt="x" * LARGEST), 1, "it is too long"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(wrong: str, where: int, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        override(NAME, wrong, FILE)
    assert raised.value.what.startswith(f"{FILE}:{where}: {what}")
    assert raised.value.allowed


def test_a_specification_adds_to_the_role_that_it_names() -> None:
    custom = ("**code-reviewer**: looks at the locks", "fix-executor - mends", "Anyone may ask", "code-reviewers: x")
    ours = role(NAME)
    told = with_custom(ours, custom)
    assert told.prompt.startswith(ours.prompt.strip())
    assert told.prompt.rstrip().endswith("**code-reviewer**: looks at the locks")
    assert with_custom(role("test-implementer"), custom) == role("test-implementer")


def test_a_role_file_of_ours_is_read_as_it_was() -> None:
    assert read_role(text()).named == ("Read", "Bash")

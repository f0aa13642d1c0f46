"""A project's own role files: what comes before ours, what stays ours, and what is said of a wrong one."""

from __future__ import annotations

import time

import pytest

from conductor.agents.roles.role import LARGEST, Role, override, read_role, role, with_custom
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


def test_a_reviewer_gets_no_tool_that_writes_whatever_its_file_says() -> None:
    for tools in (
        "Read, Write, Edit, MultiEdit, NotebookEdit, Bash",
        "[Read, write, Bash]",
        "Read, Edit(src/**), Bash",
    ):
        own = override(NAME, text(tools), FILE)
        assert (own.read_only, own.tools, own.named) == (True, ("view", "bash", "report"), ("Read", "Bash"))
        assert f"{FILE}:4: this role changes no files" in own.doubts[-1]
    for tools in ("", "*", "Read, all"):
        own = override(NAME, text(tools), FILE)
        assert (own.read_only, own.named, own.doubts) == (True, ("Read", "Bash", "Grep", "Glob"), ())
    assert override(NAME, text("[Read, 'Grep']"), FILE).tools == ("view", "report")


BUILDER = "implementation-executor"
ALL = ("Read", "Write", "Edit", "Bash", "Grep", "Glob")


def built(front: str, prompt: str = "Build.") -> Role:
    return override(BUILDER, f"---\nname: {BUILDER}\n{front}\n---\n{prompt}\n", "b.md")


@pytest.mark.parametrize(
    ("tools", "named"),
    [
        ("", ALL),
        ("tools:", ALL),
        ("tools: '*'", ALL),
        ("tools:\n  - Read\n  - Write # both\n", ("Read", "Write")),
        ("tools: [Read,\n  Edit]", ("Read", "Edit")),
        ('tools: "Read, Write"', ("Read", "Write")),
        ("tools: Read, MultiEdit, LS, TodoWrite, BashOutput", ("Read", "Edit", "Glob")),
        ("disallowedTools: Write, MultiEdit, NotebookEdit", ("Read", "Edit", "Bash", "Grep", "Glob")),
        ("tools: Read, Write, NotebookEdit, Bash\ndisallowedTools: [Edit, Bash]", ("Read", "Write")),
        ("permissionMode: plan\nskills: [a]\nhooks: {Stop: [{a: b}]}\ntools: Write", ("Write",)),
    ],
)
def test_tools_are_taken_as_claude_code_takes_them(tools: str, named: tuple[str, ...]) -> None:
    own = built(f"description: Builds.\n{tools}")
    assert (own.named, own.doubts) == (named, ())


def test_tools_that_are_not_here_are_left_out_and_said_once() -> None:
    own = built("description: Builds.\ntools: WebFetch, Write, WebFetch, mcp__db__ask, Bash(git log, git diff:*)")
    assert own.named == ("Write", "Bash")
    assert own.doubts == (
        "b.md:4: unknown tools 'WebFetch', 'mcp__db__ask': they are left out",
        "b.md:4: 'Bash(git log, git diff:*)': granted whole, as restrictions in brackets have no effect here",
    )
    many = built("description: Builds.\ntools: Write, " + ", ".join(f"t{n}" for n in range(900)))
    assert [len(doubt) < 150 and "and 895 more" in doubt for doubt in many.doubts] == [True]
    kept = built("description: Builds.\ndisallowedTools: Bash(rm:*), WebFetch")
    assert kept.named == ALL
    assert len(kept.doubts) == 2


def test_a_builder_that_can_write_nothing_is_told_of() -> None:
    assert "b.md:4: no writing tool is left" in built("description: x\ntools: Read, Bash").doubts[0]


@pytest.mark.parametrize(
    "said",
    [
        "Use when: the code is there. <example>user: 'x'</example>",
        '"Fast" builder: yes',
        "[beta] builds: all",
        "@builder builds: `all`",
    ],
)
def test_a_description_need_not_be_quoted(said: str) -> None:
    assert built(f"description: {said}\ntools: Write").description == said


def test_a_description_of_several_lines_is_one() -> None:
    assert built("description: >-\n  Builds: all\n  of it.").description == "Builds: all of it."


BOMB = "a: &a [x,x]\n" + "".join(f"{n}: &{n} [*{o},*{o}]\n" for o, n in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("front", "line", "told"),
    [
        (BOMB, 4, "aliases are not allowed"),
        ("x: " + "[" * 30 + "]" * 30, 3, "nested too deeply"),
        ("x: " + "y" * 20_000, 1, "its front matter is too large"),
        ("description: [a, b]", 3, "description is a list"),
        ("description: {a: b}", 3, "description is a table"),
        ("description: x\nmodel: [opus]", 4, "model is a list"),
        ("description: x\ntools: {Read: true}", 4, "tools names no tools"),
        ("description: x\ntools: [[Read]]", 4, "tools names no tools"),
        ('description: x\nmodel: "a\\0b"', 4, "it contains a character that is not text"),
        ('description: x\ntools: ["\\uD800"]', 4, "it contains a character that is not text"),
        ('description: "\\UFFFFFFFF"', 1, "it contains a character that is not allowed"),
        ("? [a]\n: b", 3, "found unhashable key"),
        ("description: a\x1bb", 1, "it contains a character that is not allowed"),
    ],
)
def test_front_matter_that_no_one_can_mean_is_refused_with_its_line(front: str, line: int, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        built(front)
    assert refused.value.what.startswith(f"b.md:{line}: ")
    assert told in refused.value.what
    assert len(refused.value.what) < 300


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "value", ["," * 19_000, "(a," * 6_000, "x" + " " * 19_000 + ": y", "a: " * 6_000, "[" * 19_000]
)
def test_long_values_are_read_at_once(value: str) -> None:
    began = time.monotonic()
    built(f"description: x\ntools: {value}")
    assert time.monotonic() - began < 2


def test_other_keys_of_claude_code_are_no_error() -> None:
    again = text(color="blue").replace("---\n\n", "hooks:\n  Stop: x\n---\n\n").replace("\n", "\r\n")
    assert override(NAME, again, FILE).description == "Reviews."


@pytest.mark.parametrize(
    ("wrong", "where", "what"),
    [
        (text(description=""), 4, "description is missing"),
        (text(name="fix-executor"), 2, "it describes the role 'fix-executor'"),
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

"""What a model is shown is bounded, and says where the rest is."""

from __future__ import annotations

import pytest

from conductor.doors.mcp.errors import size_of
from conductor.doors.mcp.session import actor_of
from conductor.doors.mcp.texts import LINE, LINES, cut, lines


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    shown = cut("begin" + "x" * 1_000 + "end", 100, "look there")
    assert shown.startswith("begin") and shown.endswith("end")
    assert "[908 characters left out; look there]" in shown
    assert cut("short\x1b[31m", 100, "") == "short"
    assert len(cut("x" * 1_000, 0, "there")) < 60


def test_a_long_list_says_what_is_missing() -> None:
    shown = lines((f"{n}\n" + "x" * 2 * LINE for n in range(LINES + 2)), "there")
    assert len(shown) == LINES + 1 and shown[-1] == "[2 more; there]"
    assert max(map(len, shown)) == LINE


@pytest.mark.parametrize(
    ("client", "actor"),
    [
        ("claude-code", "client:claude-code"),
        ("Some Client (beta)", "client:Some-Client-beta"),
        ("", "client:mcp"),
        ("\n", "client:mcp"),
        ("x" * 300, "client:" + "x" * 100),
    ],
)
def test_a_client_is_an_actor_of_the_log(client: str, actor: str) -> None:
    assert actor_of(client) == actor


def test_the_size_of_arguments_is_that_of_all_their_texts() -> None:
    assert size_of({"a": ["bc", {"d": "ef"}], "g": "h"}) == 8

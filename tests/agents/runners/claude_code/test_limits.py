"""What Claude Code says of limits, in the words that its users have met, and until when one then waits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conductor.agents.contract.assignment import AgentRejected, Waiting
from conductor.agents.runners.claude_code.limits import failure, resets
from conductor.agents.runners.claude_code.stream import Answered, Limited, SessionResult, Spoke, heard
from conductor.events import Usage

NOW = datetime(2026, 7, 14, 20, 30, tzinfo=UTC).timestamp()


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


def end(text: str, status: int | None = None) -> SessionResult:
    return SessionResult("success", True, text, status, Usage(), 0.0, ())


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Claude AI usage limit reached|1784100000", 1784100000.0),
        ("You've hit your weekly limit \u00b7 resets Jul 18, 12pm (UTC)", at(2026, 7, 18, 12)),
        ("You've hit your session limit \u00b7 resets 1:10am (UTC)", at(2026, 7, 15, 1, 10)),
        ("You've hit your limit \u00b7 resets 11pm (Europe/Lisbon)", at(2026, 7, 14, 22)),
        ("Limit reached \u00b7 resets 9am (Mars/Olympus)", None),
        ("resets Feb 30, 1pm (UTC)", None),
        ("nothing of the kind", None),
    ],
)
def test_when_a_limit_ends(text: str, until: float | None) -> None:
    assert resets(text, NOW) == until


def test_a_moment_without_a_zone_is_local() -> None:
    until = resets("Your limit will reset at 3pm", NOW)
    assert until is not None and until > NOW
    assert datetime.fromtimestamp(until).hour == 15


@pytest.mark.parametrize(
    ("said", "limited", "kind", "after"),
    [
        (end("You've hit your session limit \u00b7 resets 1:10am (UTC)", 429), None, "rate_limit", 4 * 3600 + 2400),
        (end("Claude AI usage limit reached"), None, "rate_limit", 300),
        (end("API Error: Rate limit reached"), None, "rate_limit", 300),
        (end("Claude AI usage limit reached|1700000000"), None, "rate_limit", 60),
        (end("no words for it"), NOW + 90, "rate_limit", 90),
        (end("API Error: Overloaded"), None, "overloaded", 60),
        (end("API Error", 529), None, "overloaded", 60),
    ],
)
def test_a_limit_is_a_wait(said: SessionResult, limited: float | None, kind: str, after: float) -> None:
    error = failure(said, limited, NOW)
    assert isinstance(error, Waiting)
    assert (error.kind, error.until - NOW) == (kind, after)


def test_a_status_decides_before_words() -> None:
    assert isinstance(failure(end("you may not, rate limit or not", 403), None, NOW), AgentRejected)


def test_lines_that_are_none_of_ours_are_passed_over() -> None:
    lines = (
        b"",
        b"[SandboxDebug] hello",
        b"[1, 2]",
        b"{",
        b'{"type": "system", "subtype": "init"}',
        b'{"type": "of tomorrow"}',
        b'{"type": "assistant", "parent_tool_use_id": "toolu_1", "message": {"content": []}}',
        b'{"type": "rate_limit_event", "rate_limit_info": {"status": "allowed_warning", "resetsAt": 1}}',
        b'{"type": "user", "message": {"role": "user", "content": "text"}}',
    )
    assert [list(heard(line)) for line in lines] == [[]] * len(lines)


def test_what_has_another_shape_than_documented_is_read_as_far_as_it_goes() -> None:
    (spoke,) = heard(
        b'{"type": "assistant", "message": {"content": [{"type": "text"}, 7], "usage": {"input_tokens": "x"}}}'
    )
    assert isinstance(spoke, Spoke)
    assert (spoke.text, spoke.usage) == ("", Usage())
    (answered,) = heard(
        b'{"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t",'
        b' "content": [{"type": "text", "text": "a"}, {"type": "image"}]}]}}'
    )
    assert answered == Answered("t", "a\n[image]", False)
    (finished,) = heard(b'{"type": "result", "permission_denials": [{"tool_name": "Bash"}, {"tool_name": "Bash"}, 3]}')
    assert isinstance(finished, SessionResult)
    assert (finished.failed, finished.denied) == (True, ("Bash", "?"))
    assert list(heard(b'{"type": "rate_limit_event", "rate_limit_info": {"status": "rejected"}}')) == [Limited(None)]

"""Reading a report: what counts as one, what is said of what does not, and what is cut."""

from __future__ import annotations

import msgspec
import pytest

from conductor.agents.contract.assignment import Ended
from conductor.agents.contract.report import ITEMS, TEXT, TITLE, ReportError, read_report
from conductor.events import Correction, Finding

LEAST = {"status": "PASS", "summary": "Done."}


def test_the_least_report_and_unknown_fields() -> None:
    assert (
        read_report(LEAST)
        == read_report({**LEAST, "mood": "good"})
        == read_report('{"summary":"Done.","status":"PASS"}')
    )


def test_everything_learned_becomes_findings_and_corrections() -> None:
    report = read_report(
        {
            "status": "FAIL",
            "summary": "No.",
            "discoveries": [{"title": "d", "text": "t", "evidence": "e"}],
            "gotchas": [{"title": "g"}],
            "performance": [{"title": "p"}],
            "security": [{"title": "s"}],
            "corrections": [{"original": "o", "reality": "r", "impact": "core", "why_fact": "w"}],
            "blocking": ["a.py:1 is wrong"],
        }
    )

    assert report.findings() == (
        Finding("discovery", "d", "t", "e"),
        Finding("gotcha", "g"),
        Finding("performance", "p"),
        Finding("security", "s"),
    )
    assert report.as_corrections() == (Correction("o", "r", impact="core", why_fact="w"),)
    assert report.blocking == ("a.py:1 is wrong",)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({}, "`status`"),
        ({"status": "PASS"}, "`summary`"),
        ({"status": "PASS", "summary": " \n"}, "summary is empty"),
        ({"status": "pass", "summary": "x"}, "$.status"),
        ({"status": True, "summary": "x"}, "$.status"),
        ({**LEAST, "files": "a.py"}, "$.files"),
        ({**LEAST, "gotchas": ["text"]}, "$.gotchas[0]"),
        ({**LEAST, "gotchas": [{"title": "ok"}, {"text": "x"}]}, "$.gotchas[1]"),
        ({**LEAST, "security": [{"title": "\u202e"}]}, "a title is empty"),
        ({**LEAST, "corrections": [{"original": "x"}]}, "$.corrections[0]"),
        ({**LEAST, "corrections": [{"original": "x", "reality": ""}]}, "reality is empty"),
        ({**LEAST, "corrections": [{"original": "x", "reality": "y", "impact": "huge"}]}, "$.corrections[0].impact"),
        (None, "cannot be read"),
        ([], "cannot be read"),
        ("PASS", "cannot be read"),
        ("", "cannot be read"),
        ('{"status": "PASS", "summary": "x"', "cannot be read"),
        ('{"status": "PASS", "summary": "\\ud800"}', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_report_is_said_with_its_field(raw: object, says: str) -> None:
    with pytest.raises(ReportError) as error:
        read_report(raw)
    assert says in error.value.what
    assert len(error.value.what) < 2 * TITLE


def test_texts_are_cleaned_and_cut() -> None:
    report = read_report(
        {
            "status": "PASS",
            "summary": "\x1b[31mred\x1b[0m\x00 \u202eevil\r\nnext line\n",
            "files": ["a\n.py", " ", "b.py"],
            "discoveries": [{"title": "two\nlines" + "x" * 300, "text": "y" * 5000}] * (ITEMS + 1),
            "blocking": ["b" * 5000],
        }
    )

    assert report.summary == "red evil\nnext line"
    assert report.files == ("a .py", "b.py")
    assert len(report.discoveries) == ITEMS
    assert report.discoveries[0].title.startswith("two lines")
    assert len(report.discoveries[0].title) == TITLE
    assert len(report.discoveries[0].text) == TEXT
    assert report.discoveries[0].text.endswith("y…")
    assert len(report.blocking[0]) == TEXT


@pytest.mark.parametrize(
    ("field", "one"),
    [
        ("files", "a.py"),
        ("tests_run", "make test: passed"),
        ("discoveries", {"title": "d"}),
        ("gotchas", {"title": "g"}),
        ("performance", {"title": "p"}),
        ("security", {"title": "s"}),
        ("corrections", {"original": "o", "reality": "r"}),
        ("blocking", "a.py:1 is wrong"),
    ],
)
def test_no_list_of_a_report_is_longer_than_its_limit(field: str, one: object) -> None:
    assert len(getattr(read_report({**LEAST, field: [one] * ITEMS}), field)) == ITEMS
    assert len(getattr(read_report({**LEAST, field: [one] * (ITEMS + 1)}), field)) == ITEMS


def test_of_more_corrections_than_its_limit_an_agent_proposes_the_first_ones() -> None:
    said = [{"original": str(n), "reality": "r"} for n in range(ITEMS + 5)]
    raw = msgspec.json.encode({**LEAST, "corrections": said}).decode()
    assert [c.original for c in Ended.reported(raw, 1).corrections] == [str(n) for n in range(ITEMS)]


def test_ended_without_a_report_is_never_pass() -> None:
    assert Ended.silent("gone", 3) == Ended("NO_REPORT", summary="gone", turns=3, reason="gone")
    assert Ended.reported('{"status":"FAIL","summary":"x"}', 2).verdict == "FAIL"

"""The role files: every role can be read, and the rules all roles share read the same in each."""

from __future__ import annotations

import re

import pytest

from conductor.agents.roles.role import ROLES, role
from conductor.agents.tools.toolbox import REPORT, TOOLS
from conductor.errors import UsageError


def sections(prompt: str) -> dict[str, str]:
    return dict(re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", prompt, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("name", ROLES)
def test_a_role_is_what_its_file_says(name: str) -> None:
    known = role(name)

    assert known.name == name
    assert known.description.endswith(".")
    assert set(known.tools) <= {*TOOLS, REPORT}
    assert {"view", "bash", REPORT} <= set(known.tools)
    assert list(sections(known.prompt)) == [
        "Your briefing",
        "How to work",
        "Where the specification is wrong",
        "Limits",
        "Report",
    ]


@pytest.mark.parametrize("section", ["Your briefing", "Where the specification is wrong", "Report"])
def test_the_shared_rules_are_the_same_for_all(section: str) -> None:
    assert len({sections(role(name).prompt)[section] for name in ROLES}) == 1


def test_the_report_contract_names_every_field() -> None:
    from conductor.agents.contract.report import Deviation, Noted, Report

    text = sections(role(ROLES[0]).prompt)["Report"]
    for struct in (Report, Noted, Deviation):
        for field in struct.__struct_fields__:
            assert re.search(rf"[`{{ ]{field}[`}},]", text), field


def test_an_unknown_role_is_an_error_that_names_the_known() -> None:
    with pytest.raises(UsageError, match="code-reviewer"):
        role("../secrets")

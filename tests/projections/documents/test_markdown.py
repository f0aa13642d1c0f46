"""Text of others in our documents: whatever it holds, it is shown, and structures nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conductor.events import Correction, CorrectionAccepted, Finding, FindingReported
from conductor.text import clean, one_line
from projections.documents import markdown
from projections.documents.sections import weave
from tests.support.folding import render_task
from tests.support.simulation.histories import recorded

PARSER = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
SEEDS = [
    *(
        "# a",
        "###### b",
        "-",
        "=",
        "---",
        "===",
        "* * *",
        "```",
        "~~~",
        "````\n",
        "> q",
        "<!--",
        "-->",
        "<b>",
        "</div>",
    ),
    *(
        "<script>",
        "<a@b.c>",
        "<http://x>",
        "[a](b)",
        "![i](j)",
        "[r]: /u",
        "[r]",
        "|a|b|",
        "|-|-|",
        ":-",
        "--|--",
        "1. x",
    ),
    *(
        "1) y",
        "    code",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "`",
        "``",
        "`c`",
        "\\",
        "\\\\",
        "&lt;",
        "*",
        "_",
        "**",
        "~~",
    ),
    *(
        "- li",
        "+ x",
        "- # h",
        "- ```",
        "- > q",
        "- - -",
        "<!-- conductor:end t -->",
        "<!-- conductor:begin t -->",
        "$$",
    ),
    *(
        "\x1b[31m",
        "\x00",
        "\u202e",
        "\u2028",
        "\x85",
        "\x0c",
        "\x0b",
        "word",
        "x ",
        "+",
        "?",
        "]",
        "(",
        ")",
        "!",
        "#",
        ">",
    ),
]
DRIVING = set("\x00\x1b\x85\x07\r\x0b\x0c\u2028\u2029\u202e\u2066\u200e")  # a terminal, or the order of text
NASTY = st.lists(st.sampled_from(SEEDS) | st.text(max_size=3), max_size=14).map("".join)
OURS = {"paragraph_open", "paragraph_close", "inline", "heading_open", "heading_close", "code_block"}
OURS |= {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
INLINE = {"text", "code_inline", "softbreak", "hardbreak", "text_special"}
INLINE |= {f"{kind}_{end}" for kind in ("em", "strong", "s") for end in ("open", "close")}


def structure(text: str) -> tuple[set[str], set[str], list[str]]:
    """Block tokens, inline tokens and headings of a document."""
    tokens = PARSER.parse(text)
    inline = {child.type for token in tokens for child in token.children or ()}
    headings = [t.tag for t in tokens if t.type == "heading_open"]
    return {t.type for t in tokens}, inline, headings


@settings(max_examples=300, deadline=None)
@given(title=NASTY, text=NASTY, evidence=NASTY)
@example(title="`", text="`<b>", evidence="")
@example(title="\\", text="\\<b>\\[a](b)", evidence="\\")
@example(title="a", text="b\n===\nc\n---\n", evidence="\n\n\n")
@example(title="#", text="a|b\n-|-\n", evidence="</pre>")
@example(title="", text="[r]\n\n[r]: /u", evidence="    \n\t")
def test_nothing_of_theirs_takes_effect(title: str, text: str, evidence: str) -> None:
    correction = Correction(title or "x", text, evidence, evidence, text)  # type: ignore[arg-type]  # whatever an agent says
    findings = (Finding("discovery", title, text, evidence), Finding("gotcha", title, text, evidence))
    texts = render_task(recorded("t", *map(FindingReported, findings), CorrectionAccepted(correction)))
    blocks, inline, headings = structure(texts["DISCOVERIES.md"])
    assert blocks <= OURS and inline <= INLINE
    bare = not (text.strip() or evidence.strip())  # then it is a line among the minor details, at the end
    assert headings == ["h1", "h2", "h3", "h4", "h3", *([] if bare else ["h4"])]
    blocks, inline, headings = structure(texts["ARCHITECTURE.md"])
    assert blocks <= OURS and inline <= INLINE and headings == ["h2"]
    for document in texts.values():
        assert not DRIVING & set(document)
        woven = weave(None, "t", document)
        assert woven.text is not None and weave(woven.text, "t", document) == woven
        assert weave(woven.text, "t", "# Discoveries\n\nother\n").edited is False


@given(NASTY)
@settings(max_examples=150, deadline=None)
def test_literal_blocks_show_every_line(text: str) -> None:
    tokens = PARSER.parse(f"- a:\n\n{markdown.block(text, indent=6)}\n\n- b\n")
    kinds = [t.type for t in tokens if t.type in ("code_block", "bullet_list_open", "list_item_open")]
    shown = [line for line in clean(text).split("\n") if line.strip()]
    assert kinds == ["bullet_list_open", "list_item_open", *["code_block"] * bool(shown), "list_item_open"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 1.5 kg of *this*", "plain words, 1.5 kg of *this*"),
        ("use `a<b>` here", "use `a<b>` here"),
        ("a <b> tag", "a \\<b> tag"),
        ("- one\n* two\n+ three", "- one\n- two\n- three"),
        ("1. one", "1\\. one"),
        ("1.5 is kept", "1.5 is kept"),
        ("# no heading", "\\# no heading"),
        ("C:\\path", "C:\\\\path"),
        ("first\n\n\n\nsecond", "first\n\nsecond"),
        ("-5 degrees, **bold**", "-5 degrees, **bold**"),
    ],
)
def test_prose_stays_readable(text: str, shown: str) -> None:
    assert markdown.prose(text) == shown


def test_one_line_is_cut() -> None:
    assert one_line("a\nb  c" + "d" * 400, markdown.LINE_LIMIT) == "a b c" + "d" * 294 + "…"

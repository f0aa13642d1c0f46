"""What would crash or confuse a decoder: many threads that use a type for the first time, and JSON that nests deep."""

from __future__ import annotations

import ast
import subprocess
import sys

import msgspec
import pytest

from conductor.decoding import DEEPEST, bounded
from tests.support.places import ROOT

FIRST_USES = """
from __future__ import annotations
import sys, threading
import msgspec
from conductor.decoding import prepared

FIELDS = [("inner", "Inner"), ("many", "dict[str, tuple[Inner, ...]]")]

def read(kind, together):
    together.wait()
    msgspec.convert({"inner": {"number": 1}, "many": {"a": [{"number": 2}]}}, prepared(kind))

sys.setswitchinterval(1e-6)
for _ in range(200):
    Inner = msgspec.defstruct("Inner", [("number", "int")], module=__name__)
    kind = msgspec.defstruct("Fresh", FIELDS, module=__name__)
    together = threading.Barrier(4)
    threads = [threading.Thread(target=read, args=(kind, together)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_that_use_a_type_first_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_USES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_type_is_prepared_before_it_is_decoded_into() -> None:
    seen, wrong = 0, []
    for path in (p for package in ("conductor", "projections", "replay") for p in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or "example" in path.relative_to(ROOT).parts:
                continue
            match ast.unparse(node.func):
                case "msgspec.convert":
                    kind: ast.expr | None = node.args[1]
                case "msgspec.json.decode":
                    kind = next((word.value for word in node.keywords if word.arg == "type"), None)
                case _:
                    continue
            if kind is not None:
                seen += 1
                if not (isinstance(kind, ast.Call) and ast.unparse(kind.func) == "prepared"):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert seen > 10
    assert wrong == []


def nested(levels: int) -> bytes:
    return b'{"a": [' * (levels // 2) + b'"[{" ' + b"]}" * (levels // 2)


@pytest.mark.parametrize(
    "text", [nested(DEEPEST), b"[" + b"[[]], " * DEEPEST + b"1]", b'"' + b'[{\\"' * DEEPEST + b'"', b"]" * 999]
)
def test_json_up_to_the_limit_is_left_to_its_decoder(text: bytes) -> None:
    assert bounded(text) == text
    assert bounded(text.decode()) == text.decode()


@pytest.mark.parametrize(
    "text", [nested(DEEPEST + 2), b'["]", ' * (DEEPEST + 1), b'"a" ' + b"{" * 5000, b"[" * 5_000_000]
)
def test_json_that_nests_deeper_is_refused_whatever_the_version_of_python(text: bytes) -> None:
    for given in (text, text.decode()):
        with pytest.raises(msgspec.DecodeError, match="deeper than 200"):
            bounded(given)  # type: ignore[type-var]

"""What a file offers to others, as it is declared: read off its text, never run."""

from __future__ import annotations

import pytest

from conductor.checks.languages.registry import named

PYTHON = '''
"""A module."""
import os
from dataclasses import dataclass
LIMIT: int = 3
RED, _hidden = "sk-secret", 2
@dataclass(frozen=True)
class Doc(Base, metaclass=Meta):
    title: str = ""
    KIND = 1
    def __init__(self, a, *, b=2): pass
    @property
    def size(self) -> int: ...
    def _no(self): ...
async def fetch(url: str = "x;{", *more: int, **rest) -> list[str]:
    def inner(): ...
def _hidden(): ...
try:
    def fallback(a): ...
except ImportError:
    pass
if __name__ == "__main__":
    program = 1
'''

JAVASCRIPT = """
export function f(a: string, {b}: {b: number} = {b: 1}): Promise<string> { return a }
export default async function main(argv = "a;b") {}
export const arrow = async (a: string, done = () => 1): Promise<void> => { }
export const table: Record<string, number> = (1 + 2) * 3
export class Store<T> extends Base<T> {
  get() {}
}
export interface Options { a: string }
const q = 1
export { q, f as default }
export * from "./x";
// export function commented() {}
const s = "export function quoted() {}"
export function multi(
  a: string,
): void {}
"""

GO = """
package doc
import (
  "io"
  text "strings"
)
func Parse(r io.Reader, f func(int) error) (*Doc, error) { return nil, nil }
func (d *Doc[T]) Get(k string) interface{} { return nil }
func hidden() {}
type Doc struct {
  Title string
}
const Max = 3
var (
  Grouped, alone = 1, "s"
  Typed chan<- struct{ X int } = nil
)
type (
  Reader interface{ Read() }
  inner int
  Pairs[K comparable, V any] map[K]V
)
func Map[K comparable, V any](m map[K]V) []V { return nil }
const Raw = `
func Quoted() {}
`
/* func Commented() {} */
"""

RUST = """
pub struct Doc<'a> { pub a: u8 }
struct Private;
impl<T: Clone> Doc<T>
where
    T: X,
{
    pub fn new(a: &str) -> Result<Self, E> { todo() }
    fn no() {}
}
impl Display for Doc {}
pub async fn run<F>(f: F) -> Vec<u8> where F: Fn(i32) -> i32 {}
mod tests {
    pub fn helper() {}
}
pub(crate) const X: u32 = 5;
"""


def offered(language: str, text: str, path: str) -> list[str]:
    known = named(language)
    assert known is not None and known.offered is not None
    return [" ".join(line.split()) if line[:2] != "  " else line.rstrip() for line in known.offered(text, path)]


def test_python() -> None:
    assert offered("python", PYTHON, "a.py") == [
        "LIMIT: int",
        "RED",
        "@dataclass class Doc(Base, metaclass=Meta)",
        "  title: str",
        "  KIND",
        "  def __init__(self, a, *, b=…)",
        "  @property def size(self) -> int",
        "async def fetch(url: str=…, *more: int, **rest) -> list[str]",
        "def fallback(a)",
    ]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a/__init__.py", "import os\nfrom .b import c, _d as d\nfrom os import path\n", ["from .b import c, _d as d"]),
        ("a.py", "from .b import c\n", []),
        ("a.py", "__all__ = ['c', '_e']\nfrom .b import c, d\ndef e(): ...\ndef _e(): ...\n",
         ["from .b import c", "def _e()"]),
        ("a.py", "__all__ = []\ndef e(): ...\n", []),
        ("a.py", "__all__ = names()\ndef e(): ...\n", ["def e()"]),
        ("a.py", "__all__: list[str] = ['_e']\ndef e(): ...\ndef _e(): ...\n", ["def _e()"]),
        ("a.py", "__all__ = ['e']\n__all__ += ['_f']\ndef e(): ...\ndef _f(): ...\ndef g(): ...\n",
         ["def e()", "def _f()"]),
        ("a.py", "__all__ = ['_e']\n__all__ += b.__all__\ndef e(): ...\n", ["def e()"]),
        ("a.py", "def e(a, b='sk', /, *c, d=K['sk'], f, **g): ...\n", ["def e(a, b=…, /, *c, d=…, f, **g)"]),
        ("a.py", "class A(B, key='sk', metaclass=m.M): ...\n", ["class A(B, key=…, metaclass=m.M)"]),
        ("a.py", "X = [" + "-1,\n" * 400 + "]\nY = [" + "-1,\n" * 400 + "]\n", ["X", "Y"]),
        ("a.py", f"X = '''{'-' * 900}'''  # {'-' * 900}\n", ["X"]),
        ("a.py", "X = [" + "f(-1), -x,\n" * 900 + "]\n", ["X"]),
        ("a.py", "raise SystemExit(1 / 0)\nX = 1\n", ["X"]),
    ],
)  # fmt: skip
def test_what_counts_as_public_in_python(path: str, text: str, names: list[str]) -> None:
    assert offered("python", text, path) == names


@pytest.mark.parametrize(
    "text", ["def e(:\n", "x = " + "(" * 5_000, "x = 1\0", "x = (1" + "\n+1" * 50_000 + ")", "  x = 1\n y"]
)
def test_what_is_no_python_or_too_deep_is_not_passed_off_as_offering_nothing(text: str) -> None:
    with pytest.raises((SyntaxError, ValueError, RecursionError, MemoryError)):
        offered("python", text, "a.py")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("export function f(key = 'sk', n = g('sk', 1), z: string) {}", "function f(key =…, n =…, z: string)"),
        ("export const f = ({a = ['sk'], b}, c = (x) => 'sk') => 1", "const f = ({a =…, b}, c =…) =>"),
        ("export class A<T = X> extends B {}", "class A<T =…> extends B"),
        ("export default connect('sk')", "default connect( )"),
    ],
)
def test_of_defaults_in_javascript_no_value_is_told(text: str, shown: str) -> None:
    assert offered("javascript", text, "a.ts") == [shown]


def test_javascript() -> None:
    assert offered("javascript", JAVASCRIPT, "a.ts") == [
        "function f(a: string, {b}: {b: number} =…): Promise<string>",
        "default async function main(argv =…)",
        "const arrow = async (a: string, done =…): Promise<void> =>",
        "const table: Record<string, number>",
        "class Store<T> extends Base<T>",
        "interface Options",
        "{ q, default }",
        '* from "./x"',
        "function multi( a: string, ): void",
    ]


def test_go() -> None:
    assert offered("go", GO, "a.go") == [
        "func Parse(r io.Reader, f func(int) error) (*Doc, error)",
        "func (d *Doc[T]) Get(k string) interface{}",
        "type Doc struct",
        "const Max",
        "var Grouped",
        "var Typed chan<- struct{ X int }",
        "type Reader interface",
        "type Pairs[K comparable, V any] map[K]V",
        "func Map[K comparable, V any](m map[K]V) []V",
        "const Raw",
    ]


def test_rust() -> None:
    assert offered("rust", RUST, "a.rs") == [
        "pub struct Doc<'a>",
        "impl<T: Clone> Doc<T>",
        "  pub fn new(a: &str) -> Result<Self, E>",
        "pub async fn run<F>(f: F) -> Vec<u8> where F: Fn(i32) -> i32",
        "pub(crate) const X: u32",
    ]

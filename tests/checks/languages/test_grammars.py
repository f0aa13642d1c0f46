"""What the true grammars of JavaScript, TypeScript, Go and Rust tell: comments, imports and exports where they look
like something else, and texts that are broken or meant to hold up whoever reads them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conductor.checks.comments import split
from conductor.checks.languages.registry import named
from conductor.checks.languages.support.interfaces_javascript import exports, taken
from conductor.checks.languages.support.modules_javascript import imports_of
from conductor.checks.parsing import trees
from tests.support.places import ROOT


@pytest.mark.parametrize(
    ("path", "text", "comments", "code"),
    [
        ("a.js", "`a ${ /* in */ x } b`", "/* in */", "${ x }"),
        ("a.js", "`a ${ `// no ${1}` } b` // yes", "// yes", "${ ${1} }"),
        ("a.js", "if (x) /[/*]no/.test(y)", "", "if (x) .test(y)"),
        ("a.js", "a = b++ / 2; c = '// no' / 3", "", "a = b++ / 2; c = / 3"),
        ("a.js", "#!/usr/bin/env node\nx", "#!/usr/bin/env node", "x"),
        ("a.tsx", "const a = <p>it's // no</p> // yes", "// yes", "const a = <p> </p>"),
        ("a.jsx", "const a = <p>it's {/* yes */}</p>", "/* yes */", "const a = <p> { }</p>"),
        ("a.ts", "const a = <T,>(b: 'x') => 1 /* yes */", "/* yes */", "const a = <T,>(b: ) => 1"),
        ("a.js", "const ü = 'é' // 日本", "// 日本", "const ü ="),
        ("a.go", "var s = `// no\n/* no */` // yes", "// yes", "var s ="),
        ("a.go", "var c = '\"' // yes", "// yes", "var c ="),
        ("a.rs", 'let s = br##"// no "# "##; // yes', "// yes", "let s = ;"),
        ("a.rs", "/* a /* b */ c */ fn f<'a>() {}", "/* a /* b */ c */", "fn f<'a>() {}"),
        ("a.rs", 'm! { "// no" /* yes */ }', "/* yes */", "m! { }"),
        ("a.rs", "/// doc\nfn f() {}", "/// doc", "fn f() {}"),
    ],
)
def test_comments_and_strings(path: str, text: str, comments: str, code: str) -> None:
    parts = split(text, path)
    assert parts is not None
    assert {len(parts.comments), len(parts.code), len(parts.uncommented)} == {len(text)}
    assert (" ".join(parts.comments.split()), " ".join(parts.code.split())) == (comments, code)


@pytest.mark.parametrize(
    ("text", "specifiers"),
    [
        ("import a, * as b from 'c'; import d = require('e')", ["c", "e"]),
        ("import type { A } from './a'; type B = import('./b').B", ["./a", "./b"]),
        ("import {\n  a,\n} from './a' with { type: 'json' }", ["./a"]),
        ("export * as a from './a'; export type { B } from './b'", ["./a", "./b"]),
        ("`${await import('./a')} import('./no')`", ["./a"]),
        ("import(/* webpackChunkName: 'b' */ './a')", ["./a"]),
        ("a.require('./no'); new Map().import('./no'); require(`./no`); require(a + './no')", []),
        ("/import a from '.\\/no'/.test(b)", []),
        ("const a = <p>import b from './no'</p>", []),
        ("export default a; from('./no')", []),
    ],
)
def test_imports(text: str, specifiers: list[str]) -> None:
    assert [found.specifier for found in imports_of(text, "a.tsx") or ()] == specifiers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("export const { a, b: [c, ...d], e = 1 } = f(), g: string = 'h'", "a c d e g"),
        ("export default class extends Map<string, Map<string, A>> {}", "default"),
        ("export { a as default, b as 'c-d', type E }; export * as f from './f'", "default c-d E f"),
        ("export function a(b: string): void\nexport function a(b: number): void\nexport function a(b: any) {}", "a"),
        (
            "export abstract class A {}\nexport const enum B {}\nexport namespace C.D {}\nexport declare let e: E",
            "A B C e",
        ),
        ("export import a = b.c\nexport async function* d() {}", "a d"),
        ("const s = `export const no = 1`; const t = /export const no/", ""),
        ("declare module 'm' { export const no: 1 }", ""),
        ("export * from './x'", None),
        ("export = a", None),
        ("exports.a = 1", None),
        ("Object.assign(module.exports, a)", None),
        ("export const a = 1\nexport const = 2", None),
        ("export const a = `never closed", None),
    ],
)
def test_exports(text: str, names: str | None) -> None:
    assert exports(text, "a.ts") == (None if names is None else {*names.split()})


def test_in_a_file_of_declarations_all_can_be_imported() -> None:
    text = "declare const a: A; interface B {}\nexport declare function c(): void"
    assert exports(text, "a.d.ts") == frozenset({"a", "B", "c"})
    assert exports(text, "a.ts") == frozenset({"c"})


def test_names_are_taken_by_what_they_are_called_where_they_come_from() -> None:
    text = "import a, { b as c, type D, 'e f' as g } from './x'\nimport * as h from './y'\nexport { i as j } from './z'"
    assert taken(text, "a.ts") == [(1, "./x", ("default", "b", "D", "e f")), (2, "./y", ()), (3, "./z", ("i",))]


@pytest.mark.parametrize("broken", ["const s = `", "function f( {", "let a = ;", "/* ", "class {{{", "'", "<<<<<<< a"])
def test_before_an_error_all_is_read_and_after_it_nothing_is_missed(broken: str) -> None:
    text = f"import {{ a }} from './a'\nexport const b = 1\n{broken}\nimport {{ c }} from './gone'\n"
    assert [found.specifier for found in imports_of(text, "a.ts") or ()] == ["./a"]
    assert taken(text, "a.ts") == [(1, "./a", ("a",))]
    assert exports(text, "a.ts") is None


def offered(language: str, text: str, path: str) -> list[str]:
    known = named(language)
    assert known is not None and known.offered is not None
    return [line if line.startswith("  ") else " ".join(line.split()) for line in known.offered(text, path)]


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.ts", "export function a(b: Map<string, Map<string, A>> = {c: ';'}): void\n",
         ["function a(b: Map<string, Map<string, A>> =…): void"]),
        ("a.ts", "export const a = 1, b: B = 'sk', [c] = d\n", ["const a", "const b: B", "const [c]"]),
        ("a.ts", "export function a(): 1\nexport function a(b?: 2): 1\n", ["function a(): 1", "function a(b?: 2): 1"]),
        ("a.ts", "@d('sk') export class A {}\nexport @d('sk') class B {}\n", ["class A", "class B"]),
        ("a.ts", "export default { key: 'sk' }\n", ["default"]),
        ("a.ts", "export default (a = 'sk') => { b }\n", ["default (a =…) =>"]),
        ("a.ts", "const s = `\nexport const no = 1\n`\nexport { s as 't u' }\n", ["{ t u }"]),
        ("a.js", "export const f = async ({ a = 'sk' }, [b] = ['sk']) => <p>=&gt;</p>\n",
         ["const f = async ({ a =… }, [b] =…) =>"]),
        ("a.js", "export class A { b = 'sk' }\nlet = broken(\n", ["class A"]),
        ("a.go", "package a\nfunc (s *Stack[T]) Push(v T) {}\nfunc (Stack[T]) pop() {}\n",
         ["func (s *Stack[T]) Push(v T)"]),
        ("a.go", "package a\nconst (\n\tA = iota\n\tB\n\tc\n)\n", ["const A", "const B"]),
        ("a.go", "package a\nfunc Öffnen() {}\ntype T = map[string]struct{}\n", ["func Öffnen()", "type T"]),
        ("a.go", "package a\nfunc A() {\n\tconst B = 1\n}\nfunc C( {\n", ["func A()"]),
        ("a.rs", "pub use a::{b::{C, D as E}, f::*};\nuse g::H;\n", ["pub use a::{b::{C, D as E}, f::*}"]),
        ("a.rs", "pub(crate) struct A;\npub(in a::b) fn c() {}\n", ["pub(crate) struct A", "pub(in a::b) fn c()"]),
        ("a.rs", "pub trait A: B {\n fn c(&self) -> [u8; 2];\n fn d() {}\n}\n",
         ["pub trait A: B", "  fn c(&self) -> [u8; 2]", "  fn d()"]),
        ("a.rs", "#[macro_export]\n// said\nmacro_rules! a { () => { pub fn no() {} } }\nmacro_rules! b { () => {} }\n",
         ["macro_rules! a"]),
        ("a.rs", 'const S: &str = r#"\npub fn no() {}\n"#;\npub const T: u8 = 1;\n', ["pub const T: u8"]),
        ("a.rs", "pub mod a { pub fn b() {} fn c() {} }\nmod d { pub fn e() {} }\n", ["pub mod a", "  pub fn b()"]),
        ("a.rs", 'extern "C" { pub fn a(b: u8); }\nimpl A for B { fn c() {} }\n', ['extern "C"', "  pub fn a(b: u8)"]),
    ],
)  # fmt: skip
def test_what_is_offered(path: str, text: str, lines: list[str]) -> None:
    language = {"js": "javascript", "ts": "javascript", "go": "go", "rs": "rust"}[path.rpartition(".")[2]]
    assert offered(language, text, path) == lines


SIZE = trees.LARGEST - 10
HOSTILE = {
    "obj.js": "{a:",  # without a deep stack it ends the process
    "paras.js": "(a,",
    "comments.js": "/* ",
    "generics.ts": "f<(",
    "defaults.js": "export default a('b');",
    "declares.ts": "declare ",
    "raw.rs": 'r#"',
    "modules.rs": "pub mod a{",
    "comments.go": "/* ",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_texts_take_bounded_time_and_little_stack(path: str) -> None:
    text = HOSTILE[path] * (SIZE // len(HOSTILE[path]))
    before = threading.stack_size(2**19)  # as small as the stack of a thread is on some systems
    try:
        with ThreadPoolExecutor(1) as thread:
            seconds = thread.submit(_seconds, text, path).result()
    finally:
        threading.stack_size(before)
    assert seconds < 4 * (3 * trees.LONGEST + 1)


def _seconds(text: str, path: str) -> float:
    """Of processor time, for all that is asked of a text."""
    start = time.process_time()
    parts = split(text, path)
    assert parts is not None and len(parts.code) == len(text)
    trees.read(text, path, lambda tree: tree.sound)
    imports_of(text, path), exports(text, path), taken(text, path)
    language = next(known for known in map(named, ("javascript", "go", "rust")) if known and known.owns(path))
    assert language.offered is not None
    try:
        list(language.offered(text, path))
    except ValueError as error:
        assert "cannot be parsed" in str(error)
    return time.process_time() - start


def test_what_is_too_large_is_not_parsed_and_its_comments_are_found_all_the_same() -> None:
    text = "export const a = 1 // yes\n" * (trees.LARGEST // 20)
    assert exports(text, "a.ts") is None and imports_of(text, "a.ts") is None
    parts = split(text, "a.ts")
    assert parts is not None and parts.comments.count("// yes") == trees.LARGEST // 20
    with pytest.raises(ValueError, match="cannot be parsed"):
        offered("javascript", text, "a.ts")


def test_what_takes_too_long_is_given_up() -> None:
    text = "/* " * (SIZE // 3)
    assert trees.read(text, "a.js", lambda tree: tree.is_sound) is None
    assert trees.read("a", "a.js", lambda tree: tree.is_sound) is True
    assert trees.read("a", "a.py", lambda tree: tree.is_sound) is None


def test_no_grammar_is_loaded_before_a_text_is_read() -> None:
    code = (
        "import sys\nfrom conductor.checks.languages.registry import registered, parts_of\n"
        "registered(); parts_of('x # y', 'a.py')\n"
        "assert not [name for name in sys.modules if name.startswith('tree_sitter')]\n"
        "parts_of('x // y', 'a.go')\n"
        "assert 'tree_sitter_go' in sys.modules and 'tree_sitter_rust' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

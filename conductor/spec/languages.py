"""Programming languages and the extensions of files, as data."""

from __future__ import annotations

LANGUAGES = {
    "Python": "py pyi",
    "JavaScript": "js jsx mjs cjs",
    "TypeScript": "ts tsx mts cts",
    "Go": "go",
    "Rust": "rs",
    "C/C++": "c h cc cpp cxx hpp hh",
    "C#": "cs",
    "Java": "java",
    "Kotlin": "kt kts",
    "Swift": "swift",
    "Ruby": "rb erb",
    "PHP": "php",
    "Elixir": "ex exs",
    "Haskell": "hs",
    "Scala": "scala",
    "Zig": "zig",
    "Lua": "lua",
    "Shell": "sh bash zsh ps1",
    "SQL": "sql",
    "Protobuf": "proto",
    "Web": "html css scss sass less vue svelte",
}
"""Programming languages -> their files' extensions."""

OTHER_EXTENSIONS = """
md rst txt json jsonl yaml yml toml ini cfg conf env lock xml csv tsv svg png jpg ico pdf ipynb tf hcl graphql gql
prisma avsc tmpl j2 jinja ejs mustache service sum mod gradle plist wasm map db sqlite log example sample typed r jl
dart clj fs fsx vb pl pm cmake mk bat nix http properties
"""

LANGUAGE_OF = {ext: name for name, exts in LANGUAGES.items() for ext in exts.split()}
EXTENSIONS = frozenset(LANGUAGE_OF) | frozenset(OTHER_EXTENSIONS.split())

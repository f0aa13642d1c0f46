"""Programming languages and file extensions, as data."""

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
"""Language -> its file extensions."""

OTHER_EXTENSIONS = """
md rst txt json jsonl yaml yml toml ini cfg conf env lock xml csv tsv svg png jpg ico pdf ipynb tf hcl graphql
gql jsonc json5 mdx astro puml csproj sln cshtml razor xaml gd tscn tres wgsl glsl metal cu sol twig hbs
liquid njk pug po thrift fbs bicep tfvars edn cljs el fish storyboard entitlements pbxproj psm1 webp gif woff2
zon prisma avsc tmpl j2 jinja ejs mustache service sum mod gradle plist wasm map db sqlite log example sample
xhtml asmdef asset unity prefab shader tgz
inc asm sv vhd qml nim erl hrl elm purs f90 mli
typed r jl dart clj fs fsx vb pl pm cmake mk bat nix http properties
"""

LANGUAGE_OF = {ext: name for name, exts in LANGUAGES.items() for ext in exts.split()}
EXTENSIONS = frozenset(LANGUAGE_OF) | frozenset(OTHER_EXTENSIONS.split())

"""A stand-in for Claude Code's CLI: it takes the flags, plays a script of ours for real in the current folder, and
prints stream-json messages as they are documented. What it prints was never printed by the real one.

`make` writes the executable. A JSON file beside it says what it does; beside it lies also what it was asked.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.places import ROOT


def make(folder: Path, script: Path, **control: Any) -> Path:
    """The executable. `control`: `version`; `stops`: after which turn, `ends`: fields of the result message,
    both by number of the call from 1; `backwards`: results come in that order; `at_once`: while
    the message is still being said."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "claude"
    played = shlex.join([sys.executable, "-P", "-m", "tests.support.agents.claude_stand_in"])
    path = shlex.quote(str(ROOT))
    program.write_text(f'#!/bin/sh\nexport PYTHONPATH={path}\nexec {played} "$0" "$@"\n')
    program.chmod(0o755)
    (folder / "control.json").write_text(json.dumps({"script": str(script), **control}))
    return program


def asked(program: Path) -> list[dict[str, Any]]:
    """What it was called with, call by call: `argv`, `stdin`, `environ`, `cwd`."""
    log = program.parent / "asked.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def main(program: str, argv: list[str]) -> None:
    del os.environ["PYTHONPATH"]  # of the lines that `make` wrote
    folder = Path(program).parent
    control = json.loads((folder / "control.json").read_text())
    if argv == ["--version"]:
        print(f"{control.get('version', '2.1.233')} (Claude Code)")
        return
    _scrubs()
    told = sys.stdin.read()
    with (folder / "asked.jsonl").open("a") as log:
        log.write(json.dumps({"argv": argv, "stdin": told, "environ": dict(os.environ), "cwd": str(Path.cwd())}) + "\n")
    number = len((folder / "asked.jsonl").read_text().splitlines())
    Session(folder, argv, told, control, number).play()


def _scrubs() -> None:
    """As 2.1.332 does with it: without bubblewrap it does not start, else it leaves files in the worktree."""
    if os.environ.get("CLAUDE_CODE_SUBPROCESS_ENV_SCRUB", "0") == "0":
        return
    if shutil.which("bwrap") is None:
        sys.exit("Claude Code could not start: bubblewrap is required for subprocess env scrubbing and isolation.")
    for name in (".env", ".gitmodules", ".npmrc", "package.json", "yarn.lock"):
        Path(name).touch()


class Session:
    def __init__(self, folder: Path, argv: list[str], told: str, control: dict[str, Any], number: int) -> None:
        resumed = next((word.split("=", 1)[1] for word in argv if word.startswith("--resume=")), "")
        self.id = resumed or next(word.split("=", 1)[1] for word in argv if word.startswith("--session-id="))
        self.file = folder / f"session-{self.id}.json"
        self.known = self.file.exists()
        self.resumes = bool(resumed)
        self.control, self.number = control, number
        self.end = control.get("ends", {}).get(str(number), {})
        self.prompt = argv[argv.index("--append-system-prompt") + 1]
        state: dict[str, Any] = json.loads(self.file.read_text()) if self.known else {"turn": 0, "told": told}
        self.turn, self.told = int(state["turn"]), str(state["told"])
        self.text = ""
        self.last = str(state.get("last", ""))

    def play(self) -> None:
        if self.resumes and not self.known:
            self.result(subtype="error_during_execution", is_error=True, result=None,
                        errors=[f"No conversation found with session ID: {self.id}"])  # fmt: skip
            return
        self.say({"type": "system", "subtype": "init", "cwd": str(Path.cwd()), "model": "stand-in-1", "tools": []})
        if self.end:
            if "text" in self.end:
                self.message([{"type": "text", "text": self.end["text"]}], model="<synthetic>", error="rate_limit")
            if "limit" in self.end:
                self.say({"type": "rate_limit_event", "rate_limit_info": self.end["limit"]})
            self.keep()
            self.result(**self.end.get("result", {}))
            return
        for turn in self.turns()[self.turn :]:
            self.turn += 1
            if turn.hang:
                time.sleep(turn.hang)
            if turn.crash:
                self.keep()
                print("stand-in: it breaks here, as its script says", file=sys.stderr)
                sys.exit(1)
            self.perform(turn.message)
            self.keep()
            if "```json" in self.text or self.turn == self.control.get("stops", {}).get(str(self.number)):
                break
        if not self.text and self.resumes:  # asked to go on where nothing is left, it says again what it said last
            self.text = self.last
            self.message([{"type": "text", "text": self.text}], id=f"msg_{self.number}")
        self.result(result=self.text)

    def turns(self) -> Any:
        import msgspec

        from conductor.agents.roles.role import ROLES, role
        from conductor.agents.runners.scripted.script import Script
        from tests.support.agents.stage import assignment_in

        assignment = assignment_in(Path.cwd())
        name = next((n for n in ROLES if role(n).prompt.splitlines()[0] == self.prompt.splitlines()[0]), ROLES[0])
        phase = re.search(r"^## Phase (\S+):", self.told, re.MULTILINE)
        assignment = msgspec.structs.replace(assignment, role=name, phase=phase[1] if phase else "2")
        entry = Script.load(Path(self.control["script"])).entry_for(assignment)
        return entry.turns if entry else ()

    def perform(self, message: Any) -> None:
        """One part of a message a line, as the real one does; results after all calls of the message."""
        id = f"msg_{self.number}_{self.turn}"
        texts = [message.text] if message.text else []
        calls: list[tuple[str, str, dict[str, Any]]] = []
        for call in message.calls:
            if call.tool == "report":
                raw = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
                texts.append(f"```json\n{raw}\n```")
            else:
                calls.append((f"toolu_{self.number}_{self.turn}_{len(calls)}", *_as_its_own(call)))
        for text in texts:
            self.message([{"type": "text", "text": text}], id=id)
        self.text = "\n".join(texts)
        answers = []
        for call_id, name, given in calls:
            self.message([{"type": "tool_use", "id": call_id, "name": name, "input": given}], id=id)
            answers.append((call_id, *_done(name, given)))
            if self.control.get("at_once"):
                self.answer(*answers.pop())
        if self.control.get("backwards"):
            answers.reverse()
        for answer in answers:
            self.answer(*answer)

    def answer(self, call: str, text: str, error: bool) -> None:
        block = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": error}
        self.say({"type": "user", "message": {"role": "user", "content": [block]}})

    def message(
        self, content: list[dict[str, Any]], *, id: str = "msg_0", model: str = "stand-in-1", **more: Any
    ) -> None:
        usage = self.control.get("usage") or {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 100}
        body = {"id": id, "role": "assistant", "model": model, "content": content, "usage": usage}
        self.say({"type": "assistant", "message": body, "parent_tool_use_id": None, **more})

    def result(self, **more: Any) -> None:
        usage = {
            "input_tokens": 10 * self.turn,
            "output_tokens": 50 * self.turn,
            "cache_read_input_tokens": 100 * self.turn,
        }
        self.say({"type": "result", "subtype": "success", "is_error": False, "num_turns": self.turn, "usage": usage,
                  "total_cost_usd": 0.25, "permission_denials": [], "result": "", **more})  # fmt: skip

    def say(self, message: dict[str, Any]) -> None:
        """A text `bare:…` stands for what no JSON writer would print, such as a number of 5,000 digits."""
        line = json.dumps({**message, "session_id": self.id})
        print(re.sub(r'"bare:([^"]*)"', r"\1", line), flush=True)

    def keep(self) -> None:
        half = self.file.with_suffix(".half")
        half.write_text(json.dumps({"turn": self.turn, "told": self.told, "last": self.text or self.last}))
        half.replace(self.file)


def _as_its_own(call: Any) -> tuple[str, dict[str, Any]]:
    given = call.arguments
    if call.tool == "bash":
        return "Bash", {"command": given["command"]}
    path = str(Path.cwd() / given["path"])
    if call.tool == "create":
        return "Write", {"file_path": path, "content": given["text"]}
    if call.tool == "replace":
        return "Edit", {"file_path": path, "old_string": given["old"], "new_string": given["new"]}
    return "Read", {"file_path": path}


def _done(name: str, given: dict[str, Any]) -> tuple[str, bool]:
    if name == "Bash":
        done = subprocess.run(given["command"], shell=True, capture_output=True, text=True)
        return done.stdout + done.stderr, done.returncode != 0
    path = Path(given["file_path"])
    if name == "Write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(given["content"])
        return f"File created successfully at: {path}", False
    if not path.exists():
        return "File does not exist.", True
    text = path.read_text()
    if name == "Edit":
        if given["old_string"] not in text:
            return "String to replace not found in file.", True
        path.write_text(text.replace(given["old_string"], given["new_string"]))
        return "The file has been updated.", False
    return text, False


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

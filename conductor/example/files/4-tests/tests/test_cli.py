import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pinch.cli import main

ROOT = Path(__file__).parent.parent

TOAST = "Toast\nServes 2\n- 4 slices of bread\n- 1 tbsp butter\n1. Toast it.\n"


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.toast = Path(folder.name, "toast.txt")
        self.toast.write_text(TOAST, encoding="utf-8")

    def pinch(self, *args: object) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(arg) for arg in args])
        return code, out.getvalue(), err.getvalue()

    def test_show_scales_the_recipe(self):
        code, out, _ = self.pinch("show", self.toast, "--serves", 3)
        self.assertEqual(code, 0)
        self.assertIn("serves 3", out)
        self.assertIn("1½ tbsp  butter", out)

    def test_shop_leaves_out_the_pantry(self):
        at_home = self.toast.with_name("pantry.txt")
        at_home.write_text("Butter\n", encoding="utf-8")
        code, out, _ = self.pinch("shop", self.toast, self.toast, "--pantry", at_home)
        self.assertEqual((code, out), (0, "[ ] 8 slices of bread\n"))

    def test_a_file_that_is_not_there_is_an_error_without_traceback(self):
        code, out, err = self.pinch("show", self.toast.with_name("nowhere.txt"))
        self.assertEqual((code, out), (2, ""))
        self.assertRegex(err, r"^pinch: .*nowhere\.txt")

    def test_a_line_that_is_no_recipe_is_named(self):
        self.toast.write_text(TOAST + "and enjoy\n", encoding="utf-8")
        code, _, err = self.pinch("show", self.toast)
        self.assertEqual(code, 2)
        self.assertIn("toast.txt:6", err)

    def test_nobody_cannot_be_served(self):
        code, _, err = self.pinch("show", self.toast, "--serves", 0)
        self.assertEqual(code, 2)
        self.assertIn("one guest at least", err)

    def test_python_m_pinch_runs_it(self):
        command = [sys.executable, "-m", "pinch", "show", str(self.toast.with_name("nowhere.txt"))]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (2, b""))

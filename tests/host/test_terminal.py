"""Our commands where the locale is not UTF-8: what they cannot print does not end them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, sample_photo
from PIL import Image

PYTHON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
"""Where there is ASCII only; by itself Python would take it for UTF-8."""
COMMANDS = """
import sys
from decloss.cli import main
photos, photo, picture, scores, run = sys.argv[1:]
assert sys.stdout.encoding.lower() not in ("utf-8", "utf8")
more = ["--init", "none", "--steps", "1", "--batch-size", "1", "--crop", "12"]
print(main(["upscale", photo, picture, "--model", "bicubic"]))
print(main(["evaluate", "--models", "bicubic", "--data", photos, "--json", scores]))
print(main(["train", "--recipe", "edsr-l1", "--data", photos, "--out", run, *more]))
"""


def run(code: str, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=PYTHON | variables, capture_output=True, timeout=600, check=False)


@pytest.mark.parametrize(("encoding", "expected"), [("ascii", rb"\xd7\xfc\udcff"), ("cp1252", b"\xd7\xfc\\udcff")])
def test_what_a_terminal_does_not_have_is_printed_as_its_number(encoding: str, expected: bytes) -> None:
    code = r"from decloss.host.terminal import print_anything; print_anything(); print('\xd7\xfc\udcff', end='')"
    printed = run(code, PYTHONIOENCODING=encoding)
    assert printed.stdout == expected, printed.stderr


def test_the_commands_run_where_there_is_ascii_only(tmp_path: Path) -> None:
    photos, picture, scores, out = (tmp_path / name for name in ("Bücher × 2", "größer.png", "maße.json", "läuft"))
    photo = photos / "größe ×4.png"
    photos.mkdir()
    Image.fromarray(sample_photo(96, 96)).save(photo)
    ran = run(COMMANDS, photos, photo, picture, scores, out, **ASCII, DECLOSS_CACHE=str(tmp_path / "cache"))
    assert ran.stdout.splitlines().count(b"0") == 3, (ran.stdout, ran.stderr)
    assert Image.open(picture).size == (384, 384)
    assert json.loads(scores.read_text(encoding="utf-8"))["means"]
    assert (out / "edsr-l1.safetensors").is_file()

"""What docs/extending.md promises, done on a copy of the project: files, lines, and what comes of them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import test_layers
from conftest import ROOT

BLOCKS = re.findall(
    r"```(python|diff)\n# (\S+)\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"), re.DOTALL
)
NEW = [(path, text) for kind, path, text in BLOCKS if kind == "python"]
CHANGES = [(path, text) for kind, path, text in BLOCKS if kind == "diff"]

PLACE = r"^([ -].*\n)((?:\+.*\n)+)"
"""A line of context or a removed one, and the lines that come after it or instead of it."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with everything in the page added to it."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "decloss", root / "decloss", ignore=shutil.ignore_patterns("__pycache__", "*.pyi"))
    for name in ("checkpoints", "assets", "docs"):
        (root / name).symlink_to(ROOT / name)
    for path, text in NEW:
        assert not (root / path).exists(), path
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    for path, text in CHANGES:
        change(root / path, text)
    return root


def change(path: Path, text: str) -> None:
    """Apply a diff: lines are put in after a line of context or in place of a removed one, which is there once."""
    content = path.read_text(encoding="utf-8")
    for known, added in re.findall(PLACE, text, re.MULTILINE):
        old, new = known[1:], "".join(line[1:] + "\n" for line in added.splitlines())
        assert content.count(old) == 1, f"{path.name}: {old}"
        content = content.replace(old, new if known[0] == "-" else old + new)
    path.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def printed(copy: Path, photo_folder: Path) -> dict[str, list[str]]:
    """The lines that each of ``SCRIPTS`` prints in the copy: in one process, which imports torch and gradio once."""
    parts = [f"print('{MARK}{name}')\n{script}" for name, script in SCRIPTS.items()]
    environment = {**os.environ, "DECLOSS_CACHE": str(copy / "cache"), "OMP_NUM_THREADS": "2", "PYTHONPATH": str(copy)}
    result = subprocess.run(
        [sys.executable, "-c", "\n".join(parts), str(photo_folder)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    sections = [section.splitlines() for section in result.stdout.split(MARK)[1:]]
    return {name: lines for name, *lines in sections}


def test_one_file_and_a_line_with_its_import_is_all_it_takes() -> None:
    assert len(NEW) == 3
    lines: dict[str, int] = {}
    for path, text in CHANGES:
        added = [line for line in text.splitlines() if line.startswith("+") and not line.startswith("+from ")]
        lines[path] = len(added)
    assert lines == {
        "decloss/losses/objective.py": 1,
        "decloss/losses/settings.py": 1,
        "decloss/zoo/checkpoint.py": 1,
        "decloss/training/config.py": 2,  # the recipe, and the sizes that it names
        "decloss/ui/interface.py": 1,
        "decloss/ui/contrast/controls.py": 1,
        "decloss/ui/contrast/callbacks.py": 2,  # at one place
        "decloss/ui/finetune/form.py": 2,  # declared, and used
    }


def test_a_control_in_contrast_is_two_places_in_two_files() -> None:
    places = [re.findall(PLACE, text, re.MULTILINE) for path, text in CHANGES if "ui/contrast/" in path]
    assert [len(found) for found in places] == [1, 1]


def test_the_page_the_address_the_check_and_the_callback_have_the_new_control(printed: dict[str, list[str]]) -> None:
    assert printed["contrast"] == [
        "γ of the pictures 1.0 contrast-gamma",
        "['c.gamma', '1']",
        "γ must be from 0.2 to 1, got 3.",
        "brighter True",
    ]


def test_the_new_network_is_trained_with_the_new_term_and_the_page_has_it_and_the_new_tab(
    copy: Path, printed: dict[str, list[str]]
) -> None:
    logged = (copy / "RUN" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert '"gradient": ' in logged[0] and len(logged) == 2
    assert printed["network and tab"] == [
        "Shuffle {'type': 'Shuffle', 'features': 32} (1, 3, 20, 28)",
        "Palette True",
        "HR [100.0, 100.0, 100.0], bicubic [100.0, 100.0, 100.0] (red, green, blue)",
    ]


def test_a_control_in_finetune_is_declared_and_used_and_the_page_the_api_and_the_job_have_it(
    printed: dict[str, list[str]],
) -> None:
    ((_, text),) = [(path, text) for path, text in CHANGES if "ui/finetune/" in path]
    assert len([line for line in text.splitlines() if line.startswith("+")]) == 2
    assert printed["finetune"] == [
        "{'trunk': 'vgg16'} of L_p, vgg16 or squeezenet1_1.",
        "['ft-l1', 'ft-perceptual', 'ft-dec', 'ft-trunk']",
        "squeezenet1_1 True",
        "Trunk must be one of: vgg16, squeezenet1_1.",
    ]


TRAIN = """
import sys

from decloss.cli import main

options = ["--data", sys.argv[1], "--out", "RUN", "--recipe", "shuffle-l1", "--gradient-weight", "0.1"]
sizes = ["--steps", "2", "--crop", "8", "--batch-size", "2", "--log-every", "1"]
assert main(["train", *options, *sizes]) == 0
"""


PAGE = """
from pathlib import Path

import numpy as np
import torch

import decloss
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface
from decloss.views.scene import cut_scene
from decloss.zoo.registry import default_zoo

zoo = default_zoo(Path("RUN"))
network = zoo.load("shuffle-l1")
sr = decloss.upscale(network, torch.rand(1, 3, 5, 7), tile=4)
print(type(network).__name__, zoo.card("shuffle-l1")["architecture"], tuple(sr.shape))

Path("data").mkdir()
page = build_interface(zoo, Finetunes(Path("data")), "No finetunes here.")
config = page.get_config_file()
tabs = [entry["props"]["label"] for entry in config["components"] if entry["type"] == "tabitem"]
print(tabs[-1], any("pal.model" in str(entry["props"].get("value")) for entry in config["components"]))
(show,) = {entry.fn for entry in page.fns.values() if entry.fn and entry.fn.__module__ == "decloss.ui.palette.tab"}
print(show(cut_scene(np.full((64, 64, 3), 100, np.uint8), 0.5, 0.5), "bicubic"))
"""


CONTROL = """
import base64
import io

import gradio as gr
import numpy as np
from PIL import Image

from decloss.ui.contrast.callbacks import show_row
from decloss.ui.contrast.controls import Controls
from decloss.ui.contrast.tab import build_contrast
from decloss.ui.parts.address import Field, wire_address
from decloss.ui.parts.tab import Networks, Shared
from decloss.views.scene import cut_scene
from decloss.zoo.registry import BICUBIC, default_zoo

zoo = default_zoo()
networks = Networks(zoo, [BICUBIC], zoo.load)
with gr.Blocks() as page:
    tab = build_contrast(Shared(gr.Image(), gr.Slider(), gr.Slider(), gr.State(), *[None] * 3), networks)
    name = Field("tab", gr.Textbox("contrast"), str)
    wire_address(page, tab.fields, gr.Tabs(), name, gr.Image(), Field("photo", gr.Textbox(), str))
slider = next(block for block in page.blocks.values() if str(block.elem_id).endswith("gamma"))
print(slider.label, slider.value, slider.elem_id)
values = [getattr(block, "value", None) for block in page.blocks.values()]
(address,) = (value for value in values if isinstance(value, dict) and "written" in value)
print(next(field for field in address["written"] if field[0] == "c.gamma"))

scene = cut_scene(np.random.default_rng(0).integers(0, 99, (64, 64, 3), np.uint8), 0.5, 0.5)
light = []
(show,) = (fn for fn in page.fns.values() if fn.api_name == "show")
for gamma in (3.0, 1.0, 0.2):
    values = [gamma if block is slider else block.value for block in show.inputs[1:]]
    try:
        view = show.fn(scene, *values)[0]
        png = base64.b64decode(show_row(view, Controls(gamma=gamma))[0]["hr"].partition(",")[2])
        light.append(np.asarray(Image.open(io.BytesIO(png))).mean())
    except gr.Error as error:
        print(error.message)
print("brighter", light[1] > light[0] + 50)
"""


FINETUNE = """
from pathlib import Path

import gradio as gr
from gradio.utils import get_function_description, get_function_params

from decloss.jobs.queue import Finetunes
from decloss.ui.finetune.callbacks import read_form
from decloss.ui.finetune.form import Controls
from decloss.ui.finetune.tab import build_finetune
from decloss.ui.parts.tab import Networks, Shared
from decloss.ui.parts.visitor import build_mine
from decloss.zoo.checkpoint import read_card
from decloss.zoo.registry import default_zoo

zoo = default_zoo()
networks = Networks(zoo, list(zoo.paths()), zoo.load)
with gr.Blocks() as page:
    mine = build_mine(Finetunes(Path("data")), "")
    build_finetune(Shared(*[None] * 4, mine, *[None] * 2), networks)
(finetune,) = (entry.fn for entry in page.fns.values() if entry.api_name == "finetune")
words = get_function_description(finetune)[1]
print({name: default for name, _, default, _ in get_function_params(finetune) if name == "trunk"}, words["trunk"])
(weight,) = (block for block in page.blocks.values() if block.elem_id == "ft-l1")
print([block.elem_id for block in weight.parent.children])

plan = read_form(networks, mine, {}, None, {"start": "edsr-l1", "trunk": "squeezenet1_1"})
print(plan.settings.losses.trunk, "--trunk squeezenet1_1" in plan.settings.command(read_card(plan.checkpoint)))
try:
    read_form(networks, mine, {}, None, {"start": "edsr-l1", "trunk": "alexnet"})
except gr.Error as error:
    print(error.message)
"""

SCRIPTS = {"training": TRAIN, "network and tab": PAGE, "contrast": CONTROL, "finetune": FINETUNE}
MARK = "===== "


def test_the_layers_hold_in_what_was_added(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_layers, "PACKAGE", copy / "decloss")
    for path, _ in NEW:
        test_layers.test_a_module_imports_only_its_own_layer_and_those_below(copy / path)
        test_layers.test_only_the_interface_imports_gradio_and_figures_have_no_tensors(copy / path)

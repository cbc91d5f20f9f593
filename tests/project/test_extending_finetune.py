"""What docs/extending.md promises of a control in Finetune, done on a copy of the project."""

import shutil
from pathlib import Path

from conftest import ROOT
from test_extending import CHANGES, change, run


def test_a_control_in_finetune_is_declared_and_used_and_the_page_the_api_and_the_job_have_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "decloss", tmp_path / "decloss", ignore=shutil.ignore_patterns("__pycache__", "*.pyi"))
    for name in ("checkpoints", "assets", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    ((path, text),) = [(path, text) for path, text in CHANGES if "ui/finetune/" in path]
    assert len([line for line in text.splitlines() if line.startswith("+")]) == 2
    change(tmp_path / path, text)
    assert run(tmp_path, "-c", PAGE).splitlines() == [
        "{'trunk': 'vgg16'} of L_p, vgg16 or squeezenet1_1.",
        "['ft-l1', 'ft-perceptual', 'ft-dec', 'ft-trunk']",
        "squeezenet1_1 True",
        "Trunk must be one of: vgg16, squeezenet1_1.",
    ]


PAGE = """
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
Path("data").mkdir()
with gr.Blocks() as page:
    mine = build_mine(Finetunes(Path("data")), "")
    build_finetune(Shared(*[None] * 4, mine), networks)
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

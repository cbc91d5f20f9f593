"""The app on ZeroGPU, with the real ``spaces`` package; ZeroGPU itself is a local stand-in and was never called."""

import inspect
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT, sample_photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from systems import linux
from waiting import answers, free_port, wait_for
from zerogpu_stand_in import Scheduler, zerogpu_stand_in

from decloss.host.devices import best_device
from decloss.host.where import waits_for_gpu
from decloss.inference import zerogpu
from decloss.inference.upscaling import UpscalesElsewhere, upscale
from decloss.inference.zerogpu import LentNetwork, in_this_process, place, upscale_with_gpu
from decloss.models import Bicubic, make_lr
from decloss.pixels import to_pixels, to_tensor
from decloss.zoo.registry import load_network

NAMES = ["bicubic", "tiny-a", "tiny-b"]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Scheduler]:
    with zerogpu_stand_in(True, True, False) as scheduler:
        yield scheduler


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the app writes is below it."""
    return tmp_path_factory.mktemp("space")


@pytest.fixture(scope="module")
def space(scheduler: Scheduler, tiny_checkpoints: Path, folder: Path) -> Iterator[Client]:
    """The app as such a Space starts it: by variables alone, but for where finetunes go."""
    port = free_port()
    environment = {
        **os.environ,
        "SPACE_ID": "somebody/decloss",
        "SYSTEM": "spaces",
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": scheduler.url,
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "cache"),
        "DECLOSS_CHECKPOINTS": str(tiny_checkpoints),
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, "tests/inference/zerogpu_app.py", "--data", str(folder / "data")]
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        app = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(lambda: answers(url, app, folder / "log.txt"), 240)
        yield Client(url, verbose=False, download_files=str(folder / "downloads"))
    finally:
        os.killpg(app.pid, signal.SIGKILL)
        app.wait()


@linux
def test_what_is_made_before_anybody_asks_takes_no_gpu(space: Client, scheduler: Scheduler, folder: Path) -> None:
    assert space.config  # it is being served
    wait_for(lambda: len(list((folder / "data" / "examples").glob("*.safetensors"))) >= 2, 240)
    wait_for(lambda: list((folder / "data" / "coo-maps").glob("*.json")), 240)
    assert scheduler.asked == [] and scheduler.workers == []


@linux
def test_networks_run_in_workers_with_a_gpu_and_all_else_stays_in_the_app_until_the_quota_ends(
    space: Client, scheduler: Scheduler, tiny_checkpoints: Path, tmp_path: Path
) -> None:
    photo = sample_photo(80, 120)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    asked = {"photo": handle_file(str(tmp_path / "photo.png")), "mode": "I have the original", "api_name": "/compare"}
    gallery, _, status, scores, *_ = space.predict(**asked, checkpoints=NAMES)
    assert "Done" in status and list(scores) == NAMES
    assert scheduler.asked == [16, 16] and len(set(scheduler.workers)) == 2  # none for bicubic
    for name, picture in zip(NAMES[1:], gallery[2:4], strict=True):
        here = upscale(load_network(tiny_checkpoints / f"{name}.safetensors"), make_lr(to_tensor(photo)))
        shown = np.array(Image.open(picture["image"]).convert("RGB")).astype(int)
        assert np.abs(shown - to_pixels(here)).max() <= 1
        assert scores[name]["parameters"] > 0
    space.predict(**asked, checkpoints=["tiny-a"])
    assert scheduler.asked == [16, 16]  # what was made of a photo is kept, and takes no GPU again
    Image.fromarray(sample_photo(80, 120, seed=9)).save(tmp_path / "other.png")
    with pytest.raises(AppError, match="GPU limit"):
        space.predict(**{**asked, "photo": handle_file(str(tmp_path / "other.png"))}, checkpoints=["tiny-a"])


@linux
def test_the_page_says_that_gpus_are_lent_and_that_nothing_lasts(space: Client) -> None:
    words = " ".join(str(component["props"].get("value")) for component in space.config["components"])
    assert "runs on ZeroGPU" in words and "finetunes are lost when it restarts" in words
    assert "measured as this page started" not in words


def test_elsewhere_a_network_is_placed_as_it_always_was(tiny_checkpoints: Path) -> None:
    model = load_network(tiny_checkpoints / "tiny-a.safetensors")
    assert place(model, tiny_checkpoints / "tiny-a.safetensors") is model
    assert not isinstance(model, UpscalesElsewhere) and not hasattr(zerogpu, "spaces")
    assert inspect.isgeneratorfunction(upscale_with_gpu) and not waits_for_gpu()


def test_what_goes_to_the_gpu_and_comes_back_is_plain_and_the_result_the_same(
    tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lr = tiny_checkpoints / "tiny-b.safetensors", torch.rand(2, 3, 13, 9)
    network = load_network(path)
    monkeypatch.setattr(zerogpu, "on_zerogpu", lambda: True)
    lent = place(network, path)
    assert isinstance(lent, LentNetwork) and isinstance(lent, UpscalesElsewhere) and lent.card == network.card
    assert in_this_process(lent) is network and in_this_process(network) is network
    crossed = []

    def across(*arguments: object) -> Iterator[object]:
        assert pickle.loads(pickle.dumps(arguments))[0] == str(path)
        for news in upscale_with_gpu(*arguments):
            crossed.append(pickle.loads(pickle.dumps(news)))
            yield crossed[-1]

    monkeypatch.setattr(zerogpu, "upscale_with_gpu", across)
    torch.testing.assert_close(upscale(lent, lr, tile=5), upscale(network, lr, tile=5), atol=0, rtol=0)
    assert {type(news) for news in crossed} == {float, np.ndarray} and len(crossed) == 7
    bicubic = Bicubic()
    assert not isinstance(place(bicubic, None), LentNetwork)


def test_the_process_that_claims_a_gpu_on_zerogpu_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # as its client makes it say
    assert waits_for_gpu() and best_device().type == "cpu"
    monkeypatch.setattr("multiprocessing.parent_process", object)  # in one that was forked for a function
    assert best_device().type == "cuda"


def test_spaces_is_imported_before_torch_can_be() -> None:
    before = (ROOT / "app.py").read_text(encoding="utf-8").split("import spaces")[0]
    assert not re.search(r"^\s*(import|from) (decloss|torch|gradio)", before, re.MULTILINE)

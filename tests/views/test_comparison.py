import gc
import json
import zipfile
from functools import cache
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from uploads import as_upload

from decloss.evaluation import scores as evaluation
from decloss.evaluation.scores import Scores
from decloss.files.images import ImageError, decode_photo, encode_png
from decloss.host.steps import Steps
from decloss.metrics import LPIPSUnavailableError, psnr
from decloss.models import EDSR, Bicubic, bicubic_upscale, make_lr
from decloss.models.sharpening import unsharp_mask
from decloss.pixels import to_pixels, to_tensor
from decloss.ui.compare.callbacks import make_files, run_comparison
from decloss.ui.compare.comparison import start_comparison
from decloss.ui.compare.controls import WITH_ORIGINAL, Controls
from decloss.ui.compare.score_table import score_table
from decloss.ui.parts.tab import Networks
from decloss.views.comparison import Framing, Result, prepare_task, run_network
from decloss.zoo.registry import SHARPENED, default_zoo


def test_an_original_is_cut_to_multiples_of_four_and_shrunk_as_matlab_does() -> None:
    photo = sample_photo(67, 81)
    task = prepare_task(photo, Framing(), is_original=True)
    assert task.hr is not None and np.array_equal(task.hr, photo[:64, :80]) and not task.notes
    assert np.array_equal(task.lr, to_pixels(make_lr(to_tensor(task.hr))))


def test_without_an_original_the_photo_itself_is_the_input() -> None:
    photo = sample_photo(30, 41)
    task = prepare_task(photo, Framing(), is_original=False)
    assert task.hr is None and np.array_equal(task.lr, photo)


@pytest.mark.parametrize("is_original", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_a_large_photo_is_framed_with_a_note(is_original: bool, whole: bool) -> None:
    photo = sample_photo(500, 900)
    task = prepare_task(photo, Framing(side=256, whole=whole, x=1.0, y=0.0), is_original=is_original)
    assert max(task.lr.shape[:2]) == 64
    assert len(task.notes) == 1 and "900 x 500" in task.notes[0]
    if not whole:
        side = 256 if is_original else 64
        used = task.hr if is_original else task.lr
        assert np.array_equal(used, photo[:side, 900 - side :])


@pytest.mark.parametrize(
    ("size", "is_original"), [((1, 1), True), ((1, 1), False), ((31, 400), True), ((5000, 20), False)]
)
def test_too_little_photo_is_refused_with_its_size(size: tuple[int, int], is_original: bool) -> None:
    with pytest.raises(ImageError, match=f"{size[1]} x {size[0]}"):
        prepare_task(np.zeros((*size, 3), np.uint8), Framing(whole=size[0] > 1000), is_original=is_original)


def test_a_network_is_run_and_scored_on_what_is_shown() -> None:
    task = prepare_task(sample_photo(64, 64), Framing(), is_original=True)
    run = Steps(run_network("bicubic", Bicubic(), task))
    assert list(run) == [1.0]
    result = run.result
    assert result.seconds > 0 and result.parameters == 0
    assert np.array_equal(result.pixels, to_pixels(bicubic_upscale(to_tensor(task.lr))))
    expected = psnr(to_tensor(result.pixels), to_tensor(task.hr)).item()
    assert result.scores.psnr_y == pytest.approx(expected)


def test_without_lpips_the_rest_is_scored_and_the_reason_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*images: object) -> None:
        raise LPIPSUnavailableError("the weights are elsewhere")

    monkeypatch.setattr(evaluation, "lpips", unavailable)
    zoo = default_zoo()
    photo = as_upload(encode_png(sample_photo(64, 64, seed=83)))  # nobody else's, whose scores would be kept
    controls = Controls(WITH_ORIGINAL, ["bicubic"], side=256, region_side=32)
    *_, last = run_comparison(Networks(zoo, ["bicubic", "edsr-l1"], zoo.load), photo, controls)
    comparison, _, table, status, scores, _, _ = last
    assert scores["bicubic"]["lpips"] is None and scores["bicubic"]["psnr_y"] > 0
    assert "n/a" in table and "LPIPS is n/a: the weights are elsewhere." in status
    written = comparison.write_files({})
    with zipfile.ZipFile(written[0]) as archive:
        content = json.loads(archive.read("scores.json"))
    assert content["results"]["bicubic"]["scores"]["lpips_missing"] == "the weights are elsewhere"


@pytest.mark.parametrize("content", [encode_png(sample_photo(64, 31)), b"text", None])
def test_a_photo_that_cannot_be_compared_leaves_nothing_of_the_last_one(content: bytes | None) -> None:
    zoo = default_zoo()
    run = run_comparison(
        Networks(zoo, ["bicubic"], zoo.load),
        as_upload(content) if content else None,
        Controls(WITH_ORIGINAL, ["bicubic"], side=256, region_side=32),
    )
    comparison, gallery, table, status, scores, picker, crops = next(run)
    with pytest.raises(gr.Error) as told:
        next(run)
    assert status == f"**{told.value.message}**"
    assert (comparison, gallery, table, scores, picker, crops) == (None, [], "", None, None, [])


def test_pictures_on_disk_end_with_their_comparison(tmp_path: Path) -> None:
    comparison = start_comparison(prepare_task(sample_photo(64, 64), Framing(), is_original=True))
    result = Steps(run_network("bicubic", Bicubic(), comparison.task)).result
    later = comparison.with_result(result)
    path = Path(later.pictures["bicubic"].path)
    assert np.array_equal(decode_photo(path).pixels, result.pixels)
    del comparison
    gc.collect()
    assert path.exists()
    del later
    gc.collect()
    assert not path.exists()


def test_a_task_does_not_keep_the_photo_that_it_was_cut_from() -> None:
    for height, width in ((300, 300), (300, 64)):  # strips of whole rows need no copy to lie together
        photo = sample_photo(height, width)
        for is_original in (True, False):
            task = prepare_task(photo, Framing(side=64), is_original=is_original)
            assert not np.may_share_memory(photo, task.lr if task.hr is None else task.hr)


def test_without_an_original_nothing_is_scored() -> None:
    task = prepare_task(sample_photo(20, 20), Framing(), is_original=False)
    assert Steps(run_network("bicubic", Bicubic(), task)).result.scores is None


def test_the_twin_sharpens_what_the_network_made_without_running_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    zoo, photo = default_zoo(), sample_photo(64, 96, seed=57)
    networks = Networks(zoo, ["bicubic", "edsr-l1"], cache(zoo.load)).with_twin()
    assert networks.names == ["bicubic", "edsr-l1", SHARPENED]
    runs, network = [], networks.load("edsr-l1")  # others may run meanwhile: an app of a test before measures its speed
    forward = EDSR.forward
    monkeypatch.setattr(EDSR, "forward", lambda model, lr: runs.append(model) or forward(model, lr))
    found = {}
    for amount in (0.0, 2.0):
        controls = Controls(WITH_ORIGINAL, ["edsr-l1", SHARPENED], side=256, region_side=32, sharpening=amount)
        comparison, _, table, *_, scores, _, _ = list(run_comparison(networks, as_upload(encode_png(photo)), controls))[
            -1
        ]
        found[amount] = {each.name: each.pixels for each in comparison.results}
        assert f"EDSR · pixel loss, sharpened by {amount:g}</b>" in table
        assert scores[SHARPENED]["sharpening"] == amount and "sharpening" not in scores["edsr-l1"]
        assert comparison.pictures[SHARPENED].caption.startswith(f"{SHARPENED} · by {amount:g} · ")
        with zipfile.ZipFile(make_files(networks, comparison)[0]) as archive:
            said = json.loads(archive.read("scores.json"))
        assert said["cards"][SHARPENED]["sharpening"]["amount"] == said["results"][SHARPENED]["sharpening"] == amount
    assert sum(model is network for model in runs) == 1
    plain = found[2.0]["edsr-l1"]
    assert np.array_equal(found[0.0][SHARPENED], plain) and np.array_equal(found[0.0]["edsr-l1"], plain)
    assert np.array_equal(found[2.0][SHARPENED], to_pixels(unsharp_mask(to_tensor(plain), 2.0)))


def test_without_its_network_there_is_no_twin() -> None:
    networks = Networks(default_zoo(), ["bicubic", "mine"], default_zoo().load)
    assert networks.with_twin() is networks


def result(name: str, psnr_y: float, ssim: float, lpips: float | None) -> Result:
    return Result(name, np.zeros((4, 4, 3), np.uint8), 0.5, 10, Scores(psnr_y, 0.0, ssim, lpips, 0.0, 0.0, 0.0))


def test_the_table_marks_best_and_second_best_in_the_right_direction() -> None:
    rows = [result("a", 30.0, 0.8, 0.3), result("b", 31.0, 0.9, 0.2), result("c", 29.0, 0.7, 0.1)]
    table = score_table(rows, with_reference=True, failed={})
    assert 'class="best" title="best">31.00' in table and 'class="second" title="second best">30.00' in table
    assert 'class="best" title="best">0.1000' in table and 'class="second" title="second best">0.2000' in table
    assert table.count('class="best"') == 3 and table.count('class="second"') == 3


def test_the_table_survives_missing_lpips_and_hostile_names() -> None:
    rows = [result("<script>", 30.0, 0.8, None), result("b", 30.0, 0.9, None)]
    table = score_table(rows, with_reference=True, failed={"<img>": "was <damaged>"})
    assert "<script>" not in table and "<img>" not in table and "<damaged>" not in table
    assert table.count("n/a") == 2


def test_without_reference_there_are_no_quality_columns() -> None:
    table = score_table([result("a", 30.0, 0.8, 0.3)], with_reference=False, failed={})
    assert "PSNR" not in table and "Seconds" in table

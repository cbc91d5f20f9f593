"""What Compare says before a run, which networks are ticked at first, and what one visitor leaves for the next."""

from pathlib import Path

import pytest
from conftest import sample_photo
from PIL import Image

from decloss.models.sharpening import AMOUNT
from decloss.results.stored import load_stored
from decloss.ui.compare import callbacks
from decloss.ui.compare.comparison import HR_NAME, LR_NAME, Comparison, start_comparison
from decloss.ui.compare.controls import BEST, WITH_ORIGINAL, WITHOUT_ORIGINAL, Controls, few_first, first_ticked
from decloss.ui.compare.plan import describe_run
from decloss.ui.compare.shared import SharedComparisons
from decloss.ui.compare.viewer import describe, read_pixels, read_zoom
from decloss.ui.parts.examples import first_pair
from decloss.views.comparison import Framing, Result, prepare_task
from decloss.views.example_results import ExampleResults
from decloss.views.kept_results import KeptResults
from decloss.zoo.registry import SHARPENED, TABLE_1_NAMES

NAMES = ["bicubic", *TABLE_1_NAMES]
SHOWN = f"{'0' * 64} 3000 4000 0"


def test_the_best_network_is_the_one_with_the_lowest_lpips_and_four_are_ticked() -> None:
    evaluations = load_stored().evaluations.values()
    means = {name: sum(each.mean(name, "lpips") or 9 for each in evaluations) for name in TABLE_1_NAMES}
    assert min(means, key=lambda name: means[name]) == BEST
    assert first_ticked(NAMES) == ["bicubic", "edsr-l1", "edsr-l1-dec", BEST] == few_first(NAMES)[:4]
    assert sorted(few_first(NAMES)) == sorted(NAMES)
    assert first_ticked(["bicubic", "a", "b"]) == ["bicubic", "a", "b"]
    assert first_pair(NAMES) == ("edsr-l1", "edsr-l1-dec") and first_pair(["bicubic", "a"]) == ("a", "a")


@pytest.mark.parametrize(
    ("mode", "fit", "words"),
    [
        (WITH_ORIGINAL, "Shrink the whole photo", "shrunk to 640 × 480. That is the original; shrunk by 4 once more"),
        (WITH_ORIGINAL, "Cut out a piece", "A piece of 640 × 640 pixels is cut out of your 4000 × 3000 photo"),
        (WITHOUT_ORIGINAL, "Shrink the whole photo", "shrunk to 160 × 120. The networks enlarge it from 160 × 120 to "),
    ],
)  # fmt: skip
def test_before_a_run_it_is_said_what_is_cut_and_how_long_it_takes(mode: str, fit: str, words: str) -> None:
    button, text = describe_run(SHOWN, Controls(mode, ["bicubic", "edsr-l1"], fit, 640))
    assert button == "Run on my photo" and words in text
    assert "**About" in text and text.endswith("for 2 networks.")


def test_an_example_is_run_again_only_for_another_amount_of_sharpening() -> None:
    for networks, amount, ready in (([SHARPENED], AMOUNT, True), (["edsr-l1"], 2.0, True), ([SHARPENED], 2.0, False)):
        text = describe_run(f"{'0' * 64} 384 512 1", Controls(WITH_ORIGINAL, networks, sharpening=amount))[1]
        assert ("are shown above for this example already" in text) == ready


@pytest.mark.parametrize("shown", ["", "nonsense", None, ["x"], f"{'0' * 64} 99999999 1 0"])
def test_without_a_photo_it_is_asked_for_one(shown: object) -> None:
    assert describe_run(shown, Controls(WITH_ORIGINAL, ["bicubic"]))[1] == "Choose a photo first."


def test_a_photo_that_is_too_small_is_told_before_the_run() -> None:
    assert "too small" in describe_run(f"{'0' * 64} 20 20 0", Controls(WITH_ORIGINAL, ["bicubic"]))[1]


def test_a_long_photo_is_no_missing_one() -> None:
    assert "120000 × 64 photo" in describe_run(f"{'0' * 64} 64 120000 0", Controls(WITH_ORIGINAL, ["bicubic"]))[1]


def test_results_stand_in_one_order_whatever_came_first() -> None:
    task = prepare_task(sample_photo(64, 64), Framing(), is_original=True)
    assert task.hr is not None
    found = start_comparison(task, "photo", ["a", "b", "c"])
    for name in "cab":
        found = found.with_result(Result(name, task.hr, 1.0, 1, None))
    ordered = found.in_order()
    assert [result.name for result in ordered.results] == ["a", "b", "c"]
    assert list(ordered.pictures) == [LR_NAME, "a", "b", "c", HR_NAME]
    described = describe(ordered)
    assert described["order"] == ["a", "b", "c"] and list(described["pictures"]) == list(ordered.pictures)
    assert all(address.startswith("gradio_api/file=") for address in described["pictures"].values())


def test_nonsense_in_the_address_is_refused() -> None:
    assert read_zoom("4.5") == "4.5" and read_pixels("1") == "1" and read_zoom("") == ""
    for read, text in ((read_zoom, "1e9"), (read_zoom, "nan"), (read_zoom, "x"), (read_pixels, "2")):
        with pytest.raises(ValueError, match=r"no enlargement|could not convert|neither 1 nor empty"):
            read(text)
    assert read_zoom("1_0") == read_zoom("١٠") == "10"  # as JavaScript writes it


def test_an_examples_results_come_one_by_one_and_overwrite_neither_a_run_nor_another_photo(tmp_path: Path) -> None:
    Image.fromarray(sample_photo(64, 64, seed=41)).save(tmp_path / "photo.png")
    results = ExampleResults(
        KeptResults(tmp_path / "kept"), [tmp_path / "photo.png"], ["a"], ["a"], pytest.fail, str
    )  # nothing is made, so that it waits
    shared, region = SharedComparisons(results), Controls(WITH_ORIGINAL, ["a"]).region
    example = results.default()
    assert example is not None
    (shown, *_), more = callbacks.show_shared(shared, example.photo, None, region)
    assert isinstance(shown, Comparison) and shown.waiting == ("a",) and more
    (nothing, *_), more = callbacks.show_shared(shared, example.photo, shown, region)
    assert not isinstance(nothing, Comparison) and more  # there is no news, and the page asks again
    assert example.task.hr is not None
    example.results["a"] = Result("a", example.task.hr, 1.0, 1, None)
    (whole, *_), more = callbacks.show_shared(shared, example.photo, shown, region)
    assert isinstance(whole, Comparison) and list(whole.pictures) == [LR_NAME, "a", HR_NAME] and not more
    run = start_comparison(example.task, example.photo, ["a"])
    for photo, known in ((example.photo, whole), (example.photo, run), ("another photo", whole)):
        (nothing, *_), more = callbacks.show_shared(shared, photo, known, region)
        assert not isinstance(nothing, Comparison) and not more

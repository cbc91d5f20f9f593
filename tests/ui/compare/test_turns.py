"""Whose comparison is shown, where a run, an example, a stop and an hour's absence take turns."""

import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from conftest import sample_photo
from PIL import Image
from uploads import as_upload

from decloss.files.images import encode_png
from decloss.models import Bicubic
from decloss.ui.compare.below import while_shown
from decloss.ui.compare.callbacks import NO_NEWS, run_unless_left, show_chosen, show_stopped
from decloss.ui.compare.comparison import HR_NAME, LR_NAME, Comparison, start_comparison
from decloss.ui.compare.controls import WHOLE, WITH_ORIGINAL, Controls
from decloss.ui.compare.shared import LastRun, SharedComparisons
from decloss.ui.parts.tab import Networks
from decloss.views.comparison import Framing, Result, Task, prepare_task
from decloss.views.example_results import Example, ExampleResults
from decloss.views.kept_results import KeptResults
from decloss.views.shared_results import digest_of
from decloss.zoo.registry import BICUBIC, default_zoo

OWN = sample_photo(64, 64)
CONTROLS = Controls(WITH_ORIGINAL, [BICUBIC], WHOLE, 256)
REGION = CONTROLS.region
STOPPED = (*NO_NEWS[:3], "Stopped.", *NO_NEWS[4:])


@pytest.fixture
def shared(tmp_path: Path) -> SharedComparisons:
    """The comparison of one example, whose result from the network "a" is still to come."""
    Image.fromarray(sample_photo(64, 64, seed=41)).save(tmp_path / "photo.png")
    kept = KeptResults(tmp_path / "kept")
    return SharedComparisons(ExampleResults(kept, [tmp_path / "photo.png"], ["a"], ["a"], pytest.fail, str))


@pytest.fixture
def example(shared: SharedComparisons) -> Example:
    example = shared.results.default()
    assert example is not None
    return example


def begun() -> tuple[LastRun, Iterator[tuple[object, ...]]]:
    """What is known of a run on ``OWN``, and the run."""
    last = LastRun()
    return last, begin(last)


def begin(last: LastRun) -> Iterator[tuple[object, ...]]:
    """Begin a run on ``OWN`` as the tab does."""
    networks = Networks(default_zoo(), [BICUBIC], lambda _: Bicubic())
    before = last.begin(digest_of(OWN))
    return run_unless_left(networks, as_upload(encode_png(OWN)), CONTROLS, last, before)


def result(task: Task) -> Result:
    assert task.hr is not None
    return Result("a", task.hr, 1.0, 1, None)


def test_an_example_that_is_chosen_during_a_run_stays_and_the_run_ends(
    shared: SharedComparisons, example: Example
) -> None:
    last, run = begun()
    own, *_ = next(run)
    assert isinstance(own, Comparison) and last.shows(own)
    (found, *_), _ = show_chosen(shared, example.photo, own, last, REGION)
    assert isinstance(found, Comparison) and found.photo == example.photo
    assert list(run) == [(*NO_NEWS[:3], "", *NO_NEWS[4:])]  # nor does it go on saying that it runs
    assert last.shows(found) and not last.shows(own)


def test_a_photo_without_results_that_is_chosen_during_a_run_does_not_end_it(shared: SharedComparisons) -> None:
    last, run = begun()
    own, *_ = next(run)
    assert isinstance(own, Comparison)
    assert show_chosen(shared, "0" * 64, own, last, REGION) == (NO_NEWS, False)
    assert "Done" in str(list(run)[-1][3]) and last.shows(own)


def test_an_example_that_is_chosen_while_a_run_waits_in_line_stays(shared: SharedComparisons, example: Example) -> None:
    last = LastRun()
    last.wait(time.monotonic())
    (found, *_), _ = show_chosen(shared, example.photo, None, last, REGION)
    last.wait(last._waited)  # its place was told once more
    assert list(begin(last)) == [(*NO_NEWS[:3], "", *NO_NEWS[4:])]
    assert isinstance(found, Comparison) and last.shows(found) and last.photo == ""
    assert "Done" in str(list(begin(last))[-1][3]) and last.photo == digest_of(OWN)  # the next click counts


def test_more_results_of_an_example_do_not_end_a_run_on_it_that_waits_in_line(
    shared: SharedComparisons, example: Example
) -> None:
    last = LastRun()
    (found, *_), _ = show_chosen(shared, example.photo, None, last, REGION)
    last.wait(time.monotonic())
    example.results["a"] = result(example.task)
    assert isinstance(show_chosen(shared, example.photo, found, last, REGION)[0][0], Comparison)  # type: ignore[arg-type]
    assert "Done" in str(list(begin(last))[-1][3])


def test_a_run_that_was_stopped_in_line_does_not_end_the_next_one(shared: SharedComparisons, example: Example) -> None:
    last = LastRun()
    last.wait(time.monotonic())
    assert show_stopped(shared, None, last, REGION) == STOPPED
    show_chosen(shared, example.photo, None, last, REGION)
    assert "Done" in str(list(begin(last))[-1][3])


def test_what_could_not_be_run_is_run_again_for_the_next_who_chooses_the_example(
    shared: SharedComparisons, example: Example
) -> None:
    example.failed |= {"a": "could not be run here (OutOfMemoryError)"}
    assert shared.of(example).failed and not shared.of(example).waiting
    shared.results.want(example)
    assert not shared.of(example).failed and shared.of(example).waiting == ("a",)
    example.failed["a"] = "cannot be used: its file is damaged"
    shared.results.want(example)
    assert shared.of(example).failed == example.failed


def test_an_example_does_not_overwrite_a_run_on_it_that_begins(shared: SharedComparisons, example: Example) -> None:
    last = LastRun()
    last.photo = example.photo
    assert show_chosen(shared, example.photo, None, last, REGION) == (NO_NEWS, False) and last.examples == 0


def test_after_stop_everything_that_is_done_stays(shared: SharedComparisons) -> None:
    task = prepare_task(sample_photo(64, 64), Framing(), is_original=True)
    first = start_comparison(task, "photo", ["a", "b"])
    some = first.with_result(result(task)).with_waiting_for(["b"])
    last = LastRun()
    last.photo = "photo"
    found, *_ = show_stopped(shared, some, last, REGION)
    assert list(found.pictures) == [LR_NAME, "a", HR_NAME] and found.waiting == ()
    assert show_stopped(shared, first, last, REGION)[0].waiting == ()  # nothing has finished, and that is no error
    assert last.photo == "photo"
    assert show_stopped(shared, None, LastRun(), REGION) == STOPPED


def test_stop_after_the_end_of_a_run_leaves_it_done(shared: SharedComparisons) -> None:
    last, run = begun()
    own = [found for found, *_ in run if isinstance(found, Comparison)][-1]
    assert show_stopped(shared, own, last, REGION) == NO_NEWS


def test_stop_before_a_runs_first_picture_leaves_the_results_of_an_example_to_come(
    shared: SharedComparisons, example: Example
) -> None:
    last = LastRun()
    (found, *_), more = show_chosen(shared, example.photo, None, last, REGION)
    assert isinstance(found, Comparison) and found.waiting == ("a",) and more
    last.photo = example.photo  # a run on the example has begun
    assert show_stopped(shared, found, last, REGION) == STOPPED
    example.results["a"] = result(example.task)
    (whole, *_), more = show_chosen(shared, example.photo, found, last, REGION)
    assert isinstance(whole, Comparison) and list(whole.pictures) == [LR_NAME, "a", HR_NAME] and not more


def test_what_is_drawn_of_a_comparison_does_not_overwrite_that_of_the_next_one() -> None:
    task = prepare_task(OWN, Framing(), is_original=True)
    first, second, last = start_comparison(task), start_comparison(task), LastRun()
    last.show(first)
    drawn = while_shown(first.with_result(result(task)), last, lambda _: iter("ab"))  # more of it is no other one
    assert next(drawn) == "a"
    last.show(second)
    assert list(drawn) == [gr.skip()]
    assert list(while_shown(second, last, lambda _: iter("ab"))) == ["a", "b", gr.skip()]


def test_what_is_drawn_stays_where_the_comparison_is_forgotten_and_an_examples_is_asked_for_again(
    shared: SharedComparisons, example: Example
) -> None:
    last = LastRun()
    assert not last.is_forgotten(None)  # nothing was shown yet
    (found, *_), _ = show_chosen(shared, example.photo, None, last, REGION)
    assert not last.is_forgotten(found) and last.is_forgotten(None)
    assert list(while_shown(None, last, pytest.fail)) == [gr.skip()]
    assert show_chosen(shared, example.photo, None, last, REGION)[0][0] is found

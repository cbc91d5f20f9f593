"""Finetunes in slices, with the real ``spaces`` package; ZeroGPU itself is a local stand-in and was never called."""

import inspect
import json
import pickle
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import spaces
from conftest import ROOT, run_python, sample_photo
from safetensors.torch import load_file
from small_job import finished, small_job
from spaces.config import Config
from spaces.zero import gradio as zero_gradio
from systems import linux
from zerogpu_stand_in import zerogpu_stand_in

from decloss.files.images import encode_png
from decloss.jobs import zerogpu
from decloss.jobs.directory import Job, JobState
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.jobs.zerogpu import NO_GPU, QUOTA_USED_UP, News, run_in_slices, run_while_watched, train_slice

ENDS = ("saved", "trained")
LONG = {"steps": 2000}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def phases(news: list[News]) -> list[str]:
    return [one["phase"] for one in news]


def test_outside_zerogpu_the_decorator_leaves_the_generator_as_it_is() -> None:
    assert zerogpu.spaces is spaces and not Config.zero_gpu
    assert inspect.isgeneratorfunction(train_slice) and not hasattr(train_slice, "zerogpu")

    def plain() -> Iterator[int]:
        yield 1

    assert spaces.GPU(plain, duration=5) is plain


def test_slices_make_the_weights_of_an_uninterrupted_run_bit_for_bit(data: Path, tiny_checkpoints: Path) -> None:
    whole = finished(small_job(data, tiny_checkpoints))
    cut = small_job(data, tiny_checkpoints)
    news = list(run_in_slices(cut, seconds=0))  # one step a slice
    assert [one["phase"] for one in news if one["phase"] in ENDS] == ["saved"] * 3 + ["trained"]
    assert [one["step"] for one in news if one["phase"] == "training"] == [1, 2, 3, 4]
    assert news[-1] == {"step": 4, "phase": "finished"} and cut.state is JobState.FINISHED
    for path in (Path("run/state/latest.safetensors"), None):
        one, other = (load_file(job.path / path if path else job.checkpoint) for job in (whole, cut))
        assert one.keys() == other.keys() and all(one[key].equal(other[key]) for key in one)
    assert cut.result["scores"] == whole.result["scores"]
    assert cut.result["scores"]["before"] != cut.result["scores"]["after"]


def test_what_goes_into_a_slice_and_comes_out_survives_pickling(data: Path, tiny_checkpoints: Path) -> None:
    arguments = (str(small_job(data, tiny_checkpoints).path), 0.0)
    assert pickle.loads(pickle.dumps(arguments)) == arguments
    news = list(train_slice(*arguments))
    assert phases(news) == ["preparing", "training", "saved"]
    assert pickle.loads(pickle.dumps(news)) == news
    assert {type(value) for one in news for value in one.values()} == {int, str}


def test_a_stop_between_slices_keeps_what_there_is_and_it_goes_on_later(data: Path, tiny_checkpoints: Path) -> None:
    job = small_job(data, tiny_checkpoints)
    seen = []
    for news in run_in_slices(job, seconds=0):
        seen.append(news)
        if news["phase"] == "saved":
            job.ask_to_stop()
    assert seen[-1] == {"step": 1, "phase": "stopped"} and job.state is JobState.STOPPED
    assert list(run_in_slices(job)) == [{"step": 1, "phase": "stopped"}]
    rest = list(run_in_slices(job.queue_again()))
    assert [news["step"] for news in rest if news["phase"] == "training"] == [2, 3, 4]
    assert job.state is JobState.FINISHED


def test_a_stop_within_a_slice_ends_it_after_that_step(data: Path, tiny_checkpoints: Path) -> None:
    job = small_job(data, tiny_checkpoints, **LONG)
    seen = []
    for news in run_in_slices(job, seconds=1000):
        seen.append(news)
        if news["phase"] == "training":
            job.ask_to_stop()
    assert phases(seen)[-2:] == ["saved", "stopped"] and 0 < job.saved_step() == seen[-1]["step"] < 2000


def test_closing_it_in_another_thread_saves_and_frees_the_job(data: Path, tiny_checkpoints: Path) -> None:
    job = small_job(data, tiny_checkpoints, **LONG)
    running = run_in_slices(job, seconds=1000)
    while next(running)["phase"] != "training":
        pass
    assert job.locked
    closer = threading.Thread(target=running.close)  # as the page's server does
    closer.start()
    closer.join()
    assert not job.locked and job.saved_step() > 0 and job.state is JobState.WAITING


def test_a_job_that_another_trainer_has_is_left_to_it(data: Path, tiny_checkpoints: Path) -> None:
    job = small_job(data, tiny_checkpoints)
    with job.lock():
        assert phases(list(run_in_slices(job))) == ["preparing", "busy"]
    assert job.state is JobState.WAITING and job.saved_step() == 0


def test_a_failure_is_told_in_words_and_its_traceback_is_in_the_log(data: Path, tiny_checkpoints: Path) -> None:
    job = small_job(data, tiny_checkpoints, own_photos=True)
    (job.path / "photos" / "00.png").write_bytes(encode_png(sample_photo(40, 40)))
    assert phases(list(run_in_slices(job))) == ["preparing", "failed"]
    assert job.state is JobState.FAILED
    assert "do not fit 00.png (40 x 40)" in job.failure and job.log_end().startswith("Traceback")


def test_a_result_that_is_refused_is_a_failure(
    data: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(data, tiny_checkpoints, steps=1)

    def refuse(_: Job) -> None:
        raise JobError("It makes pictures of one colour.")

    monkeypatch.setattr(zerogpu, "make_result", refuse)
    assert phases(list(run_in_slices(job)))[-2:] == ["measuring", "failed"]
    assert "pictures of one colour" in job.failure


def refusing(title: str, most: float, asked: list[float]) -> object:
    """A slice that ZeroGPU refuses, with its client's own error, if it is longer than ``most`` seconds."""

    def slice_or_error(job_path: str, seconds: float) -> Iterator[News]:
        asked.append(seconds)
        if seconds > most:
            raise zero_gradio.error(title, "GPU requested vs. left")
        yield from train_slice(job_path, seconds)

    return slice_or_error


def test_a_slice_that_the_quota_refuses_is_tried_at_half_its_length(
    data: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, asked = small_job(data, tiny_checkpoints), []
    monkeypatch.setattr(zerogpu, "train_slice", refusing("ZeroGPU quota exceeded", 15, asked))
    assert phases(list(run_in_slices(job, seconds=60)))[-1] == "finished"
    assert asked == [60, 30, 15]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("ZeroGPU quota exceeded", QUOTA_USED_UP),
        ("ZeroGPU illegal duration", NO_GPU),
        ("ZeroGPU queue timeout", NO_GPU),
        ("ZeroGPU worker error", NO_GPU),
    ],
)
def test_without_any_gpu_it_waits_saved(
    data: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch, title: str, sentence: str
) -> None:
    job, asked = small_job(data, tiny_checkpoints), []
    monkeypatch.setattr(zerogpu, "train_slice", refusing(title, 0, asked))
    assert list(run_in_slices(job, seconds=30)) == [{"step": 0, "phase": "waiting", "message": sentence}]
    assert asked == [30, 15, 10] and job.state is JobState.WAITING


def test_there_the_page_runs_the_queue_and_leaving_the_page_stops_with_everything_saved(
    data: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    finetunes = Finetunes(data)
    assert finetunes.open() == ""
    settings = small_job(data, tiny_checkpoints, **LONG).settings
    job = finetunes.submit(settings, "me", tiny_checkpoints / "tiny-a.safetensors")
    with closing(run_while_watched(job)) as news:
        assert next(one for one in news if one["phase"] == "training")["step"] == 1
    assert job.state is JobState.STOPPED and job.saved_step() >= 1
    finetunes.finish_here(job)
    assert list(run_while_watched(job))[-1]["phase"] == "finished" and job.state is JobState.FINISHED
    finetunes.close()


def test_an_error_that_is_not_zerogpus_is_not_taken_for_one(
    data: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zerogpu, "train_slice", refusing("Something else", 0, []))
    with pytest.raises(zero_gradio.gr.Error, match="requested"):
        list(run_in_slices(small_job(data, tiny_checkpoints), seconds=30))


@linux
def test_on_zerogpu_each_slice_runs_in_a_worker_within_what_was_asked_for_and_the_quota_can_end(
    data: Path, tiny_checkpoints: Path
) -> None:
    job = small_job(data, tiny_checkpoints)
    with zerogpu_stand_in(True, True, False, False, True) as scheduler:
        result = run_python(
            str(ROOT / "tests" / "support" / "zerogpu_stand_in.py"),
            str(job.path),
            *("0", "40"),
            SPACES_ZERO_GPU="true",
            SPACES_ZERO_DEVICE_API_URL=scheduler.url,
            OMP_NUM_THREADS="1",  # a forked worker cannot use the threads of its parent
            CUDA_VISIBLE_DEVICES="",
        )
    assert result.returncode == 0, result.stderr + result.stdout
    first, *news = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    told = [(one["phase"], one["step"]) for one in news]
    waiting = told.index(("waiting", 2))  # two slices of one step, then no quota
    assert told[:waiting] == [
        *(("preparing", 0), ("training", 1), ("saved", 1)),
        *(("preparing", 1), ("training", 2), ("saved", 2)),
    ]
    assert news[waiting]["message"] == QUOTA_USED_UP
    assert told[waiting + 1 :] == [
        *(("preparing", 2), ("training", 3), ("training", 4), ("trained", 4)),
        *(("measuring", 4), ("finished", 4)),
    ]
    assert scheduler.asked == [15, 15, 15, 55, 35]  # slices of 0, 0, 0, 40 and 20 s, each with time to save
    assert len(set(scheduler.workers)) == 3 and first["process"] not in scheduler.workers
    assert job.state is JobState.FINISHED and job.result["steps"] == 4

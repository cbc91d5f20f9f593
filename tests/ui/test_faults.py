"""Faults: nothing finished is lost, and the page says what happened. Where each is tested, if not here:

kill -9 of app and trainer          test_jobs_kills: at random moments; here: of the app in the middle of a comparison
kill -9 of the decoder              test_sandbox
kill -9 of the app: its processes   test_child: decoder, t-SNE, estimate, trainer
full disk                           test_jobs_engine: while training; here: before it, and while a job is stored
out of memory in a job              here; test_jobs_engine: a trainer that the system kills again and again
NaN                                 test_jobs_engine: in weights; test_training: in the loss
clock a day off                     here; test_sweeper: temporary files
lost database                       test_jobs_engine, test_workers
corrupted checkpoint                here: of a finished job, of a start, of what was saved; test_checkpoint: any
two tabs                            here; test_browser_finetune: in a browser
leaving in the middle               here: of a comparison, of an estimate; test_projection: of an embedding;
                                    test_sweeper: of an upload; test_jobs_zerogpu: of a finetune where the page runs it
restart with finished jobs          here
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from conftest import ROOT, Started, sample_photo
from safetensors.torch import load_file
from served_app import Visitor, compare_values, files_below, own_folder, served_app
from small_job import SETTINGS, finished, opened, small_job, wait_for_end
from systems import posix
from waiting import running_app, wait_for

from decloss.host import child
from decloss.jobs import estimate as measuring
from decloss.jobs import folder as job_folder
from decloss.jobs import queue, record, worker
from decloss.jobs.causes import RECORD_DAMAGED, RESULT_DAMAGED, SAVED_DAMAGED
from decloss.jobs.directory import STATE_FILE, Job, JobState
from decloss.jobs.estimate import estimate, measure
from decloss.jobs.queue import LEAST_FREE, MOST_KEPT, Finetunes
from decloss.jobs.record import GONE, RECORD, RESULT, JobError
from decloss.jobs.train import train_job
from decloss.jobs.zerogpu import run_in_slices
from decloss.ui.compare import callbacks as compare_callbacks
from decloss.ui.finetune.changes import changes_since
from decloss.ui.finetune.layout import View
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.visitor import Mine, build_mine, remember_owner
from decloss.zoo.checkpoint import load_checkpoint_file
from decloss.zoo.registry import BICUBIC, Zoo

DAY = 86400
SPOILT = [b"", b"{", b"[]", b'{"settings": 1}', b"\xff\xfe", b"null"]
OWNER = remember_owner(None)
Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def finetunes(tmp_path: Path, tiny_checkpoints: Path) -> Iterator[Finetunes]:
    with opened(tmp_path, tiny_checkpoints) as finetunes:
        yield finetunes


def shown(finetunes: Finetunes, job: Job, owner: str = "") -> tuple[dict[str, Any], Mine]:
    """What the page shows of a finetune to whoever opens its link, by the names of the view."""
    with gr.Blocks():
        mine, view, listing = build_mine(finetunes, ""), View(), gr.Radio([])
    names = {component: name for name, component in vars(view).items() if isinstance(component, gr.blocks.Block)}
    changes = changes_since(mine, view, listing, owner, job.id, None)
    return {names.get(component, str(component)): value for component, value in changes.items()} | {
        "listing": changes[listing], "finished": changes.get(mine.finished)
    }, mine  # fmt: skip


def go_on(job: Job) -> None:
    """What the button does, trained to its end in this process."""
    for _ in run_in_slices(job.queue_again()):
        pass


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


# Memory and disk.

HUNGRY = """
import resource, sys, torch
from pathlib import Path
from decloss.jobs import train, trainer

def train_hungrily(job, observe, device, train_job=train.train_job):
    def look(progress):
        if progress.step == 25:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, used + 2**24))
            torch.empty(2**27)
        return observe(progress)
    return train_job(job, look, device)

train.train_job = train_hungrily
sys.exit(trainer.main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="limits memory by what is in use, from /proc")
def test_out_of_memory_in_a_job_is_told_with_what_to_do_and_its_checkpoint_is_kept(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    popen = subprocess.Popen

    def with_little_memory(words: list[str], **options: Any) -> Any:
        return popen([words[0], "-c", HUNGRY, words[words.index("decloss.jobs.trainer") + 1]], **options)

    settings = replace(SETTINGS, steps=30)
    with monkeypatch.context() as patch:
        patch.setattr(child.subprocess, "Popen", with_little_memory)
        job = finetunes.submit(settings, OWNER, start)
        wait_for_end(job)
    assert job.state is JobState.FAILED, job.log_end()
    head = shown(finetunes, job)[0]["head"]
    assert "It ran out of memory. Choose a smaller batch or crop." in head and job.saved_step() == 20
    go_on(job)
    assert job.state is JobState.FINISHED and [line["step"] for line in job.metrics()] == list(range(1, 31))
    assert not job.cache.exists()


def test_an_almost_full_disk_and_too_many_finetunes_are_told_before_anything_is_stored(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(queue.shutil, "disk_usage", lambda path: Disk(1, 1, LEAST_FREE - 1))
        with pytest.raises(JobError, match="disk here is almost full: delete"):
            finetunes.submit(SETTINGS, OWNER, start)
    for _ in range(MOST_KEPT):
        finetunes.create(SETTINGS, OWNER, start).ask_to_stop()
    with pytest.raises(JobError, match=f"keep {MOST_KEPT} finetunes already: delete one"):
        finetunes.submit(SETTINGS, OWNER, start)
    assert len(finetunes.of(OWNER)) == MOST_KEPT
    finetunes.delete(finetunes.of(OWNER)[0])
    monkeypatch.setattr(worker, "supervise", lambda job, *rest: None)
    finetunes.submit(SETTINGS, OWNER, start)


def test_what_is_stored_or_deleted_by_half_is_no_job_and_goes(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = job_folder.write_atomically

    def on_a_full_disk(path: Path, data: bytes) -> None:
        if path.name == RECORD:
            raise OSError(28, "No space left on device")
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(job_folder, "write_atomically", on_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            finetunes.submit(SETTINGS, OWNER, start)
    assert list(finetunes.jobs.iterdir()) == []
    killed = finetunes.create(SETTINGS, OWNER, start)
    (killed.path / RECORD).unlink()
    half = finetunes.create(SETTINGS, OWNER, start)
    monkeypatch.setattr("decloss.jobs.directory.shutil.rmtree", lambda *_, **__: None)
    half.delete()
    assert not half.exists and finetunes.of(OWNER) == [] and len(list(finetunes.jobs.iterdir())) == 2
    monkeypatch.undo()
    finetunes.tidy()
    assert list(finetunes.jobs.iterdir()) == []


# Clocks.


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_a_day_changes_no_order(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    release, seen = threading.Event(), []

    def train(job: Job, *_: Any) -> None:
        seen.append(job)
        release.wait()
        job.ask_to_stop()

    monkeypatch.setattr(worker, "supervise", train)
    real, moment = time.time, record.moment
    jobs = [finetunes.submit(SETTINGS, "first", start), finetunes.submit(SETTINGS, "second", start)]
    wait_for(lambda: seen)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + days * DAY)
        date = f"20{26 + days}-01-01T00:00:00.000+00:00"
        for module in (record, job_folder):
            patch.setattr(module, "moment", lambda: date)
        jobs.append(finetunes.submit(SETTINGS, "third", start))
    assert record.moment is moment
    jobs.append(finetunes.submit(SETTINGS, "fourth", start))
    assert finetunes.all() == jobs and [finetunes.position(job) for job in jobs] == [0, 1, 2, 3]
    release.set()
    wait_for(lambda: len(seen) == 4)
    assert seen == jobs


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_a_day_makes_no_estimate_of_days(
    tmp_path: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    def train(job: Job, observe: Any) -> None:
        (job.path / "before.json").touch()
        os.utime(job.path / "before.json", (time.time() + days * DAY,) * 2)
        job.run_path.mkdir()
        (job.run_path / "metrics.jsonl").write_text('{"step": 1, "memory_mb": 100}\n', encoding="utf-8")
        for _ in range(4):
            observe(None)

    monkeypatch.setattr(measuring, "train_job", train)
    (tmp_path / measuring.SETTINGS).write_text(
        json.dumps({**vars(SETTINGS), "losses": vars(SETTINGS.losses)}), encoding="utf-8"
    )
    (tmp_path / "data" / "photos").mkdir(parents=True)
    monkeypatch.setattr(os, "symlink", None)  # on Windows, few may make links
    assert 0 <= measure(tmp_path, tiny_checkpoints / "tiny-a.safetensors", tmp_path / "data").seconds < 600


# Damage.


def test_a_damaged_checkpoint_of_a_finished_job_is_told_and_made_anew(tmp_path: Path, tiny_checkpoints: Path) -> None:
    finetunes, job = Finetunes(tmp_path), finished(small_job(tmp_path, tiny_checkpoints, OWNER))
    weights = {name: value.clone() for name, value in load_file(job.checkpoint).items()}  # the file changes
    assert "finished" in shown(finetunes, job, OWNER)[0]["head"]
    cut(job.checkpoint)
    seen, _ = shown(finetunes, job, OWNER)
    assert RESULT_DAMAGED.replace("'", "&#x27;") in seen["head"] and job.state is JobState.FAILED
    assert seen["go_on"].visible and not seen["result"].visible and not seen["finished"]
    go_on(job)
    assert job.state is JobState.FINISHED, job.log_end()
    again = load_file(job.checkpoint)
    assert all(value.equal(again[name]) for name, value in weights.items())


def test_a_damaged_start_and_damaged_saved_states_are_told(tmp_path: Path, tiny_checkpoints: Path) -> None:
    job = small_job(tmp_path, tiny_checkpoints).queue_again()
    with job.lock():
        assert not train_job(job, lambda progress: progress.step >= 2, "cpu")
    assert job.saved_step() == 2
    whole = job.start_checkpoint.read_bytes()
    cut(job.start_checkpoint)
    cut(job.path / STATE_FILE)
    go_on(job)
    assert "cannot read the checkpoint that it starts from" in job.failure, job.log_end()
    job.start_checkpoint.write_bytes(whole)
    go_on(job)
    assert job.failure == SAVED_DAMAGED, job.log_end()
    go_on(job)
    assert job.state is JobState.FINISHED, job.log_end()
    assert [line["step"] for line in job.metrics()] == [1, 2, 3, 4]


@pytest.mark.parametrize("content", SPOILT)
def test_a_damaged_record_hurts_no_other_job_and_is_told(
    tmp_path: Path, tiny_checkpoints: Path, content: bytes
) -> None:
    finetunes = Finetunes(tmp_path)
    broken, sound = (small_job(tmp_path, tiny_checkpoints) for _ in range(2))
    (broken.path / RECORD).write_bytes(content)
    finetunes.tidy()
    assert finetunes.of("somebody") == [sound] and finetunes.position(sound) == 0 and broken.start_checkpoint.exists()
    seen, _ = shown(finetunes, broken)
    assert seen["missing"].value == RECORD_DAMAGED and not seen["everything"].visible
    assert finetunes.create(SETTINGS, "me", tiny_checkpoints / "tiny-a.safetensors").record["number"] == 3
    broken.delete()
    assert shown(finetunes, broken)[0]["missing"].value == GONE


def test_a_finished_job_outlives_its_record_and_a_damaged_result_is_made_anew(
    finetunes: Finetunes, tiny_checkpoints: Path
) -> None:
    job = finished(small_job(finetunes.data, tiny_checkpoints))
    for content in SPOILT:
        (job.path / RECORD).write_bytes(content)
        assert finetunes.of("somebody") == [job] and job.state is JobState.FINISHED
    lines, result = job.metrics(), job.result
    for content in SPOILT:
        (job.path / RESULT).write_bytes(content)
        assert job.state is JobState.FAILED and job.failure == RESULT_DAMAGED
    finetunes.resume(job)
    assert job.state is not JobState.FAILED
    wait_for_end(job)
    assert job.state is JobState.FINISHED and job.metrics() == lines, job.log_end()
    assert job.result["scores"] == result["scores"]


def test_damaged_metrics_and_notes_are_passed_over(tmp_path: Path, tiny_checkpoints: Path) -> None:
    job = small_job(tmp_path, tiny_checkpoints)
    job.run_path.mkdir()
    lines = [b'{"step": 1, "loss": 1.0}', b"\xff\x00", b"7", b"{", b'{"step": "2"}', b'{"step": 3, "loss": 1.0}']
    (job.run_path / "metrics.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert [line["step"] for line in job.metrics()] == [1, 3]
    (job.path / "failure.json").write_bytes(b"nonsense")
    seen, _ = shown(Finetunes(tmp_path), job)
    assert "the note that said why is damaged" in seen["head"]


# Visitors.


def test_two_tabs_of_a_visitor_see_the_same_job_and_only_one_can_start(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(worker, "supervise", lambda job, *rest: release.wait())

    def submit(_: int) -> Job | str:
        try:
            return finetunes.submit(SETTINGS, OWNER, start)
        except JobError as error:
            return str(error)

    with ThreadPoolExecutor(2) as tabs:
        answers = list(tabs.map(submit, range(2)))
    (job,) = (answer for answer in answers if isinstance(answer, Job))
    assert "You have a finetune already: wait for it, or stop it first." in answers
    for tab in (shown(finetunes, job, OWNER)[0], shown(finetunes, job, OWNER)[0]):
        assert [job_id for _, job_id in tab["listing"].choices] == [job.id] and job.name in tab["head"]
    release.set()


def test_leaving_in_the_middle_of_a_comparison_frees_its_lane_and_its_files(
    tmp_path: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    run = compare_callbacks.run_shared
    monkeypatch.setattr(compare_callbacks, "run_shared", lambda name, *rest: begun.append(name) or run(name, *rest))
    names = (
        "bicubic",
        *(f"tiny-{letter}" for letter in "ab"),
        *(path.stem for path in (ROOT / "checkpoints").glob("*.safetensors")),
    )
    with served_app(tmp_path, tiny_checkpoints, absence=1.0) as served:
        photo = served.upload(sample_photo(1024, 1024))
        shared = files_below(served.work)  # of the example, which belong to all visitors
        with served.open_page("visitor"):
            served.join("compare", compare_values(photo, 1024, names), "visitor")
            with served.events("visitor") as events:
                assert any(event["msg"] == "process_generating" for event in events)
            wait_for(lambda: files_below(served.work) - shared)
        wait_for(lambda: not any(served.page._queue.active_jobs) and not files_below(served.work) - shared)
        assert 0 < len(begun) < len(names)
        assert '"success": true' in served.compare(photo)  # the next one has the lane


@posix
def test_leaving_in_the_middle_of_an_estimate_ends_its_process_and_leaves_nothing(
    finetunes: Finetunes,
    start: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: Started,
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(measuring.tempfile, "tempdir", str(work))
    with closing(estimate(SETTINGS, start, finetunes.data)) as measured:
        next(measured)
        assert started[0].poll() is None and files_below(work)
    assert started[0].poll() == -signal.SIGKILL and not list(work.iterdir())


# Kills and restarts.


def test_a_killed_app_leaves_nothing_behind_its_next_start_and_finished_jobs_are_there(
    tmp_path: Path, tiny_checkpoints: Path
) -> None:
    job = finished(small_job(tmp_path / "data", tiny_checkpoints))
    options = ("--checkpoints", str(tiny_checkpoints))
    with running_app(tmp_path, *options) as (url, app), httpx.Client(base_url=url, timeout=60) as http:
        visitor = Visitor(http)
        photo = visitor.upload(sample_photo(256, 256))
        visitor.join("compare", compare_values(photo, 256, ("bicubic", "edsr-l1", "tiny-a")), "visitor")
        with visitor.events("visitor") as events:
            assert any(event["msg"] == "process_generating" for event in events)
            folder = own_folder(tmp_path / "temporary")
            assert list((folder / "work").glob("*-decloss/LR.png"))
            app.kill()
            app.wait()
    assert folder.exists()
    with served_app(tmp_path, tiny_checkpoints, absence=60.0) as served:
        assert not folder.exists() and own_folder(tmp_path / "temporary") != folder
        answer = served.http.post("gradio_api/call/finetune_status", json={"data": [job.id]}).json()
        told = served.http.get(f"gradio_api/call/finetune_status/{answer['event_id']}").text
        assert "event: complete" in told and '"finished"' in told and job.name in told


def test_after_a_restart_finished_jobs_are_listed_can_be_compared_and_downloaded(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished(finetunes.create(SETTINGS, OWNER, start))
    weights = load_file(job.checkpoint)
    finetunes.close()
    again = Finetunes(finetunes.data)
    assert again.open() == ""
    try:
        seen, mine = shown(again, job, OWNER)
        assert [job_id for _, job_id in seen["listing"].choices] == [job.id] and "finished: 4 steps" in seen["head"]
        for copy, made in zip(seen["files"].value, (job.checkpoint, job.checkpoint.with_suffix(".json")), strict=True):
            assert Path(copy["path"]).read_bytes() == made.read_bytes()
        zoo = Zoo((start.parent,))
        networks = Networks(zoo, [BICUBIC, *zoo.paths()], zoo.load).with_mine(mine.checkpoints(seen["finished"]))
        loaded = networks.load(job.name).state_dict()
        assert job.name in networks.names and all(value.float().equal(loaded[key]) for key, value in weights.items())
        assert load_checkpoint_file(job.checkpoint) is not None and again.position(job) == 0
    finally:
        again.close()

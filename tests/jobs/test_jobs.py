"""Jobs on disk: settings, states that follow from files and the lock, photos, and why a trainer ended."""

import json
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import tyro
from conftest import ROOT, sample_photo
from image_files import BAD_FILES

from decloss.commands.train import Train
from decloss.files.images import ImageError, decode_photo, encode_png
from decloss.jobs import folder as job_folder
from decloss.jobs import queue
from decloss.jobs.causes import explain
from decloss.jobs.directory import Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.photos import LARGEST_SIDE, VALIDATION, decode_uploads, prepare_photos
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.jobs.settings import JobSettings, settings_from_json
from decloss.losses import LossSettings

SETTINGS = JobSettings("tiny-a", LossSettings(dec_weight=0.1, positive_share=0.01), steps=4, batch_size=1, crop=16)


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    return JobFolder(tmp_path)


@pytest.fixture
def job(folder: JobFolder, tiny_checkpoints: Path) -> Job:
    return folder.create(SETTINGS, "somebody", tiny_checkpoints / "tiny-a.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps must be from 1 to 2000, got 0"),
        ({"steps": 2001}, "got 2001"),
        ({"batch_size": 17}, "batch_size must be from 1 to 16"),
        ({"crop": 15}, "crop must be from 16 to 48"),
        ({"learning_rate": 0.1}, "learning_rate must be from 1e-06 to 0.001, got 0.1"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"losses": LossSettings(dec_weight=1.0, patch_size=7)}, "mini-patches of 7 do not divide crops of 64"),
    ],
)
def test_what_a_public_machine_cannot_afford_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SETTINGS, **changes)


def test_settings_survive_the_file_and_other_json_is_refused() -> None:
    stored = json.loads(json.dumps(asdict(SETTINGS)))
    assert settings_from_json(stored) == SETTINGS
    for broken in ({}, {**stored, "losses": {"l2": 1}}, {**stored, "extra": 1}):
        with pytest.raises(ValueError, match="not the settings of a finetune"):
            settings_from_json(broken)


def test_the_command_is_read_by_the_command_line_as_the_same_run(tmp_path: Path) -> None:
    settings = replace(SETTINGS, start="edsr-l1", learning_rate=2.5e-5, losses=replace(SETTINGS.losses, mu=21.5))
    card = json.loads((ROOT / "checkpoints" / "edsr-l1.json").read_bytes())
    words = shlex.split(settings.command(card))
    assert words[:4] == ["python", "-m", "decloss", "train"]
    found = tyro.cli(Train, args=words[4:], default=Train.defaults(words[4:]))
    wanted = settings_from_json(asdict(settings))
    assert found.losses == wanted.losses and found.schedule == wanted.schedule and found.init == "edsr-l1"
    with pytest.raises(ValueError, match="No recipe"):
        settings.command({**card, "architecture": {"type": "EDSR", "features": 8}})


def test_the_state_follows_from_the_files_and_the_lock(job: Job) -> None:
    assert job.state is JobState.WAITING
    with job.lock():
        assert job.locked and job.state is JobState.RUNNING
        job.ask_to_stop()
        assert job.state is JobState.STOPPING
        with pytest.raises(JobError, match="still running"):
            job.delete()
    assert job.state is JobState.STOPPED
    assert job.queue_again().state is JobState.WAITING and job.record["runs"] == 1
    job.fail("No luck.")
    assert (job.state, job.failure) == (JobState.FAILED, "No luck.")
    job.queue_again()
    job.checkpoint.parent.mkdir()
    (job.path / "result" / "result.json").write_text('{"steps": 4}', encoding="utf-8")
    assert job.state is JobState.FINISHED
    assert job.queue_again(9).state is JobState.WAITING  # its result is shorter than what is wanted now
    assert job.result == {"steps": 4}  # and stays
    job.delete()
    assert not job.path.exists()


def test_half_a_line_of_metrics_is_not_read(job: Job) -> None:
    assert (job.metrics(), job.steps_done(), job.saved_step(), job.log_end()) == ([], 0, 0, "")
    job.run_path.mkdir()
    (job.run_path / "metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "lo', encoding="utf-8")
    assert job.metrics() == [{"step": 1, "loss": 2.0}] and job.steps_done() == 1


@pytest.mark.parametrize("name", [None, 7, "", ".", "..", "../beside", "a" * 22, "A" * 22 + "/..", "x" * 10_000, ["a"]])
def test_only_ids_of_jobs_are_found(folder: JobFolder, job: Job, name: object) -> None:
    assert folder.find(job.id) == job
    shutil.copytree(job.path, folder.data / "beside")
    with pytest.raises(JobError, match="no such finetune"):
        folder.find(name)


def test_a_visitor_sees_their_own_jobs_newest_first_and_the_secret_is_not_stored(
    folder: JobFolder, job: Job, tiny_checkpoints: Path
) -> None:
    start = tiny_checkpoints / "tiny-b.safetensors"
    second = folder.create(SETTINGS, "somebody", start)
    other = folder.create(SETTINGS, "somebody else", start)
    assert folder.of("somebody") == [second, job] and folder.of("somebody else") == [other] and folder.of("") == []
    assert not any(b"somebody" in path.read_bytes() for path in job.path.rglob("*") if path.is_file())
    assert second.start_checkpoint.read_bytes() == start.read_bytes()


def test_built_in_photos_to_measure_on_are_never_trained_on(tmp_path: Path) -> None:
    prepare_photos(tmp_path)
    training, validation = (
        {path.stem for path in (tmp_path / "photos" / kind).iterdir()} for kind in ("training", "validation")
    )
    assert validation == {Path(name).stem for name in VALIDATION} and len(training) >= 4 and not training & validation


def test_uploads_are_checked_one_by_one_and_cut_to_a_size_that_can_be_paid_for() -> None:
    wide = np.tile(sample_photo(80, 100), (1, 30, 1))
    photos, notes = decode_uploads(["a", "b"], [encode_png(wide), encode_png(sample_photo(64, 64))], 64)
    assert photos[0].shape == (80, LARGEST_SIDE, 3) and photos[1].shape == (64, 64, 3)
    assert notes == [f"a: only its middle, at most {LARGEST_SIDE} pixels a side, is used."]
    left = (wide.shape[1] - LARGEST_SIDE) // 2
    assert np.array_equal(photos[0], wide[:, left : left + LARGEST_SIDE])
    for count in (0, 21):
        with pytest.raises(ImageError, match=f"these are {count}"):
            decode_uploads(["a"] * count, [b""] * count, 64)


def test_uploads_that_cannot_be_used_are_left_out_by_name_and_the_others_used() -> None:
    good = encode_png(sample_photo(64, 64))
    for bad, message in (
        (BAD_FILES["text"]()[0], "bad is left out. This file is not an image"),
        (BAD_FILES["decompression bomb"]()[0], "bad is left out. This image is too large"),
        (encode_png(sample_photo(63, 90)), "bad is left out. It has 90 x 63 pixels, and crops need 64 a side."),
    ):
        photos, (note,) = decode_uploads(["first", "bad", "last"], [good, bad, good], 64)
        assert len(photos) == 2 and note.startswith(message)
        with pytest.raises(ImageError, match=f"There is no photo left to train on. {message}"):
            decode_uploads(["bad"], [bad], 64)


def test_own_photos_lie_in_the_job(folder: JobFolder, tiny_checkpoints: Path) -> None:
    pixels = sample_photo(64, 72)
    job = folder.create(replace(SETTINGS, own_photos=True), "me", tiny_checkpoints / "tiny-a.safetensors", [pixels])
    (path,) = job.photos.iterdir()
    assert path.is_relative_to(job.path) and np.array_equal(decode_photo(path).pixels, pixels)


def test_photos_become_files_before_others_have_to_wait(
    tmp_path: Path, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, inside, encoded_inside = Finetunes.alone, [], []

    @contextmanager
    def noted(self: Finetunes) -> Iterator[None]:
        with alone(self):
            inside.append(True)
            yield
            inside.clear()

    def encode(pixels: np.ndarray) -> bytes:
        encoded_inside.append(bool(inside))
        return encode_png(pixels)

    monkeypatch.setattr(Finetunes, "alone", noted)
    for module in (job_folder, queue):
        monkeypatch.setattr(module, "encode_png", encode, raising=False)
    settings = replace(SETTINGS, own_photos=True)
    job = Finetunes(tmp_path).submit(settings, "me", start, [sample_photo(64, 64)])
    assert encoded_inside == [False] and len(list(job.photos.iterdir())) == 1


def test_common_causes_are_told_in_a_sentence() -> None:
    with pytest.raises(RuntimeError) as memory:
        torch.empty(2**50)
    assert "ran out of memory" in explain(1, f"Traceback …\nRuntimeError: {memory.value}")
    assert "disk is full" in explain(1, "OSError: [Errno 28] No space left on device: '/secret/x'")
    assert "learning rate" in explain(1, "FloatingPointError: the loss is nan at step 3")
    assert "signal 9" in explain(-9, "")
    assert (
        explain(1, "decloss.BackboneUnavailableError: no weights for vgg16.")
        == "The trainer says: no weights for vgg16."
    )
    for path in ("/secret/x", r"C:\secret\x"):
        assert "secret" not in explain(1, f"ValueError: {path} is damaged")
    assert "status 5" in explain(5, "")

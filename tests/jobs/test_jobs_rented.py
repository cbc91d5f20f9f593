"""Finetunes on Hugging Face Jobs, by the real huggingface_hub client to a local stand-in.

The real service was never called. The stand-in runs what was submitted as a process of its own, in an empty folder.
"""

import io
import json
import math
import os
import pickle
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from conftest import ROOT, sample_photo
from hub_stand_in import TOKEN, Hub, hub_stand_in
from small_job import small_job
from systems import posix

from decloss.files.images import encode_png
from decloss.jobs.directory import Job, JobState
from decloss.jobs.hub import remote, rented
from decloss.jobs.hub.parcel import REQUIREMENTS, source_archive
from decloss.jobs.hub.remote_result import FOREIGN, NONE_YET
from decloss.jobs.hub.rented import cancel, fetch, flavors, submit, submitted, watch
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.jobs.train import train_job
from decloss.models import EDSR
from decloss.training.provenance import code_version
from decloss.zoo.checkpoint import load_checkpoint_file, save_checkpoint

Files = dict[str, bytes]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_stand_in(tmp_path) as hub:
        yield hub


@pytest.fixture
def job(tmp_path: Path, tiny_checkpoints: Path) -> Job:
    return small_job(tmp_path / "data", tiny_checkpoints)


def repository_of(hub: Hub, job: Job) -> Files:
    return hub.repositories[f"visitor/decloss-{job.name}"].files


def send(hub: Hub, job: Job) -> None:
    """Submit without running it."""
    hub.runs_jobs = False
    submit(job, TOKEN, "t4-small", endpoint=hub.url)


@posix
def test_a_job_goes_on_there_from_where_it_stopped_and_its_result_comes_back(
    hub: Hub, tmp_path: Path, tiny_checkpoints: Path
) -> None:
    job = small_job(tmp_path / "data", tiny_checkpoints, own_photos=True)
    assert not train_job(job, lambda progress: progress.step == 2, "cpu")
    here = [{name: value for name, value in line.items() if name != "steps_per_second"} for line in job.metrics()]
    assert submit(job, TOKEN, "cpu-basic", endpoint=hub.url) == f"{hub.url}/jobs/visitor/job0"
    assert job.state is JobState.STOPPED  # nobody trains it here as well
    output = hub.wait("job0")

    seen = watch(job, TOKEN, endpoint=hub.url)
    assert (seen.stage, seen.message, seen.log) == ("COMPLETED", "", ""), output
    assert [line["step"] for line in job.metrics()] == [1, 2, 3, 4] and job.metrics()[:2] == here
    fetch(job, TOKEN, endpoint=hub.url)
    assert job.state is JobState.FINISHED
    card = load_checkpoint_file(job.checkpoint).card
    assert card["training"][-1]["step"] == 4 == job.result["steps"]
    assert card["training"][-1]["commit"] == code_version()
    assert card["metrics"] and job.result["scores"]["after"]["psnr_y"] > 10


def test_neither_the_token_nor_the_jobs_address_nor_its_owner_is_in_what_is_stored(hub: Hub, job: Job) -> None:
    send(hub, job)
    files = repository_of(hub, job)
    assert {"source.zip", "metrics.jsonl"} <= files.keys()
    kept = {str(path): path.read_bytes() for path in job.path.rglob("*") if path.is_file()}
    for content in [*files.values(), *kept.values()]:
        assert TOKEN.encode() not in content
    for secret in (job.id, job.record["owner"]):
        assert not [path for path, content in files.items() if secret in path or secret.encode() in content]
    remote = {"job": "job0", "repository": f"visitor/decloss-{job.name}", "flavor": "t4-small"}
    assert submitted(job) == {**remote, "url": f"{hub.url}/jobs/visitor/job0"}


def test_the_service_is_asked_for_that_hardware_for_an_hour_and_gets_the_token_as_a_secret(hub: Hub, job: Job) -> None:
    send(hub, job)
    spec = hub.jobs["job0"].spec
    assert spec["flavor"] == "t4-small" and spec["timeoutSeconds"] == 3600
    assert spec["secrets"] == {"HF_TOKEN": TOKEN}
    assert TOKEN not in json.dumps({**spec, "secrets": None})
    assert hub.repositories[f"visitor/decloss-{job.name}"].private


def test_a_failure_there_leaves_its_log_and_no_result(
    hub: Hub, tmp_path: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path / "data", tiny_checkpoints, own_photos=True)
    (job.path / "photos" / "00.png").write_bytes(encode_png(sample_photo(40, 40)))
    send(hub, job)
    # What the rented machine runs, here, with its environment.
    monkeypatch.setattr(remote, "HfApi", lambda: huggingface_hub.HfApi(hub.url, TOKEN))
    assert remote.main(submitted(job)["repository"], job.path) == 1
    assert re.search(r"ValueError: .*40 x 40", repository_of(hub, job)["log.txt"].decode())
    with pytest.raises(JobError, match=NONE_YET):
        fetch(job, TOKEN, endpoint=hub.url)


@posix
def test_cancel_ends_it_there(hub: Hub, tmp_path: Path, tiny_checkpoints: Path) -> None:
    job = small_job(tmp_path / "data", tiny_checkpoints, steps=2000)
    submit(job, TOKEN, "cpu-basic", endpoint=hub.url)
    assert watch(job, TOKEN, endpoint=hub.url).stage == "RUNNING"
    with pytest.raises(JobError, match="cancel it there first"):
        Finetunes(tmp_path / "data").resume(job)
    repository_of(hub, job)["metrics.jsonl"] = b'{"step": 1}\n'
    watch(job, TOKEN, endpoint=hub.url)
    assert job.steps_done() == 1
    cancel(job, TOKEN, endpoint=hub.url)
    assert job.steps_done() == 0  # nothing of it is here
    assert hub.jobs["job0"].stage == "CANCELED" and hub.jobs["job0"].process.poll() is not None
    assert submitted(job) is None and not job.elsewhere and job.state is JobState.STOPPED  # it may go on here
    with pytest.raises(JobError, match="not sent"):
        watch(job, TOKEN, endpoint=hub.url)


def test_the_end_of_a_log_is_shown_without_the_token(hub: Hub, job: Job) -> None:
    send(hub, job)
    hub.jobs["job0"].output = f"pip says {TOKEN}\nthe end"
    hub.cancel("job0")
    assert watch(job, TOKEN, endpoint=hub.url).log == "pip says (token)\nthe end"


def result_files(job: Job, model: torch.nn.Module | None = None) -> Files:
    """What a finished remote run would have uploaded."""
    model = model or load_checkpoint_file(job.start_checkpoint)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / job.checkpoint.name
        save_checkpoint(model, path, {"training": [], "metrics": {}}, torch.float16)
        files = {f"result/{path.name}": path.read_bytes() for path in Path(name).iterdir()}
    scores = {"before": {"psnr_y": 20.0, "lpips": None}, "after": {"psnr_y": 21.0, "lpips": None}}
    result = {"steps": job.settings.steps, "seconds": 3, "scores": scores}
    return {**files, "result/result.json": json.dumps(result).encode()}


def changed(key: str, value: object) -> Callable[[Files, str], None]:
    def change(files: Files, name: str) -> None:
        files["result/result.json"] = json.dumps({**json.loads(files["result/result.json"]), key: value}).encode()

    return change


def not_finite(files: Files, name: str) -> None:
    content = bytearray(files[f"result/{name}.safetensors"])
    content[-2:] = b"\x00\x7c"  # infinity in float16
    files[f"result/{name}.safetensors"] = bytes(content)


class Bomb:
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, ("exploded",)


SPOILED = {
    "a checkpoint cut short": lambda files, name: files.update({f"result/{name}.safetensors": b"x" * 100}),
    "a pickle": lambda files, name: files.update({f"result/{name}.safetensors": pickle.dumps(Bomb())}),
    "a huge checkpoint": lambda files, name: files.update({f"result/{name}.safetensors": b"x" * 2_000_000}),
    "weights that are not finite": not_finite,
    "a card that is none": lambda files, name: files.update({f"result/{name}.json": b"[" * 100_000}),
    "a result that is none": lambda files, name: files.update({"result/result.json": b"{'steps'"}),
    "a result that is a list": lambda files, name: files.update({"result/result.json": b"[1]"}),
    "steps that are a word": changed("steps", "4"),
    "seconds that are no number": changed("seconds", math.nan),
    "no scores": changed("scores", {"after": {}}),
    "seconds that no float holds": changed("seconds", 10**400),
    "other scores before than after": changed("scores", {"before": {"ssim": 0.9}, "after": {"psnr_y": 21.0}}),
}


def test_a_sound_result_is_taken_and_only_its_three_files(hub: Hub, job: Job, tmp_path: Path) -> None:
    send(hub, job)
    extra = {"result/../../evil.txt": b"no", "result/evil.py": b"no"}
    repository_of(hub, job).update({**result_files(job), **extra})
    fetch(job, TOKEN, endpoint=hub.url)
    assert job.state is JobState.FINISHED
    names = {job.checkpoint.name, job.checkpoint.with_suffix(".json").name, "result.json", "job.json"}
    assert {path.name for path in (job.path / "result").iterdir()} == names
    assert not list(tmp_path.rglob("evil*"))
    written = job.record
    (job.path / "job.json").unlink()
    assert job.record == written  # our own copy of it lies beside the result


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_result_is_refused_whole(hub: Hub, job: Job, how: str) -> None:
    send(hub, job)
    files = result_files(job)
    SPOILED[how](files, job.name)
    repository_of(hub, job).update(files)
    with pytest.raises(JobError, match=FOREIGN):
        fetch(job, TOKEN, endpoint=hub.url)
    assert not (job.path / "result").exists()


def test_another_network_and_a_result_of_fewer_steps_are_refused(hub: Hub, job: Job) -> None:
    send(hub, job)
    repository_of(hub, job).update(result_files(job, EDSR(features=4, blocks=1)))
    with pytest.raises(JobError, match=FOREIGN):
        fetch(job, TOKEN, endpoint=hub.url)
    files = result_files(job)
    changed("steps", 3)(files, job.name)  # from before it was extended
    repository_of(hub, job).update(files)
    with pytest.raises(JobError, match=NONE_YET):
        fetch(job, TOKEN, endpoint=hub.url)
    assert not (job.path / "result").exists()


def test_metrics_are_copied_as_numbers_and_nonsense_is_not(hub: Hub, job: Job) -> None:
    send(hub, job)
    line = {"step": 1, "loss": 0.5, "note": "<script>", "validation": {"psnr_y": 20.5, "lpips": None, "x": ["y"]}}
    repository_of(hub, job)["metrics.jsonl"] = json.dumps(line).encode() + b"\n"
    watch(job, TOKEN, endpoint=hub.url)
    sound = [{"step": 1, "loss": 0.5, "validation": {"psnr_y": 20.5, "lpips": None}}]
    assert job.metrics() == sound
    huge = b'{"step": 1, "loss": 0.5}\n' * 250_000
    broken = (b"not json\n", b'{"step": "2"}\n', b'{"step": 2, "loss": NaN}\n', b"[" * 100_000, huge)
    broken += (b'{"step": -1}\n', b'{"step": 5}\n', b'{"step": true}\n', b'{"step": 2, "validation": [1]}\n')
    for nonsense in broken:
        repository_of(hub, job)["metrics.jsonl"] = nonsense
        watch(job, TOKEN, endpoint=hub.url)
        assert job.metrics() == sound


def test_metrics_from_there_do_not_disturb_a_run_here(hub: Hub, job: Job) -> None:
    send(hub, job)
    repository_of(hub, job)["metrics.jsonl"] = b'{"step": 1}\n'
    with job.lock():
        watch(job, TOKEN, endpoint=hub.url)
    assert job.metrics() == []


def test_what_runs_or_is_finished_or_has_no_such_hardware_is_not_submitted(hub: Hub, job: Job) -> None:
    for flavor in ("", "zero-a10g", "h200x8", "gpu", None):
        with pytest.raises(JobError, match="hardware in the list"):
            submit(job, TOKEN, flavor, endpoint=hub.url)
    with job.lock(), pytest.raises(JobError, match="running here: stop it first"):
        submit(job, TOKEN, "cpu-basic", endpoint=hub.url)
    send(hub, job)
    repository_of(hub, job).update(result_files(job))
    fetch(job, TOKEN, endpoint=hub.url)
    with pytest.raises(JobError, match="It is finished"):
        submit(job, TOKEN, "cpu-basic", endpoint=hub.url)


@pytest.mark.parametrize("meanwhile", ["it is sent", "it goes on"])
def test_what_another_page_does_with_it_during_the_upload_is_seen(
    hub: Hub, job: Job, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    def upload_slowly(*values: Any) -> None:
        monkeypatch.setattr(rented, "upload", upload)
        upload(*values)
        if meanwhile == "it is sent":
            send(hub, job)
        else:
            job.queue_again()

    upload = rented.upload
    monkeypatch.setattr(rented, "upload", upload_slowly)
    hub.runs_jobs = False
    with pytest.raises(JobError, match={"it is sent": "fetch the result", "it goes on": "stop it first"}[meanwhile]):
        submit(job, TOKEN, "t4-small", endpoint=hub.url)
    assert len(hub.jobs) == (meanwhile == "it is sent")


def test_while_its_machine_starts_nobody_else_sends_or_trains_or_deletes_it(
    hub: Hub, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, finetunes = huggingface_hub.HfApi.run_job, Finetunes(job.path.parent.parent)

    def start_slowly(api: huggingface_hub.HfApi, **values: Any) -> Any:
        monkeypatch.setattr(huggingface_hub.HfApi, "run_job", start)
        for act in (lambda: send(hub, job), lambda: finetunes.resume(job), lambda: finetunes.delete(job)):
            with pytest.raises(JobError, match="fetch the result"):
                act()
        return start(api, **values)

    monkeypatch.setattr(huggingface_hub.HfApi, "run_job", start_slowly)
    send(hub, job)
    assert len(hub.jobs) == 1 and job.elsewhere


def test_a_machine_of_which_nothing_can_be_written_here_is_given_back(
    hub: Hub, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*values: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(rented, "write_atomically", full)
    with pytest.raises(JobError, match="cancelled there"):
        send(hub, job)
    assert not job.elsewhere and {found.stage for found in hub.jobs.values()} == {"CANCELED"}


@pytest.mark.parametrize("age", [3 * 86_400, -40 * 86_400], ids=["of three days ago", "by a clock that was ahead"])
def test_a_finetune_that_was_sent_long_ago_goes_on_here_or_is_deleted(hub: Hub, job: Job, age: int) -> None:
    send(hub, job)
    moment = time.time() - age
    os.utime(job.path / "remote.json", (moment, moment))
    finetunes = Finetunes(job.path.parent.parent)
    finetunes.resume(job)
    assert job.state is JobState.WAITING and not job.elsewhere
    finetunes.delete(job)
    assert not job.exists


def test_photos_are_not_put_where_everyone_sees_them(hub: Hub, job: Job) -> None:
    repository = f"visitor/decloss-{job.name}"
    huggingface_hub.HfApi(hub.url, TOKEN).create_repo(repository, private=False)
    with pytest.raises(JobError, match="is public"):
        submit(job, TOKEN, "cpu-basic", endpoint=hub.url)
    assert not hub.repositories[repository].files and not hub.jobs and submitted(job) is None


def test_a_job_that_was_not_sent_or_that_the_service_forgot_is_a_sentence(hub: Hub, job: Job) -> None:
    for ask in (watch, cancel, fetch):
        with pytest.raises(JobError, match="was not sent"):
            ask(job, TOKEN, endpoint=hub.url)
    send(hub, job)
    hub.jobs.clear()
    for ask in (watch, cancel):
        with pytest.raises(JobError, match="finds no job of yours"):
            ask(job, TOKEN, endpoint=hub.url)


def test_a_download_that_the_hub_refuses_is_told_by_its_status(hub: Hub, job: Job) -> None:
    send(hub, job)
    repository_of(hub, job).update(result_files(job))
    for status, words in ((401, "does not accept this token"), (403, "may not do that")):
        hub.answers["/resolve/"] = status
        with pytest.raises(JobError, match=words):
            fetch(job, TOKEN, endpoint=hub.url)
    assert not (job.path / "result").exists()


def test_a_service_without_credit_is_a_sentence_and_nothing_is_written(hub: Hub, job: Job) -> None:
    hub.answers["/api/jobs/"] = 402
    with pytest.raises(JobError, match=r"^Hugging Face asks for credit on this account first\.$"):
        submit(job, TOKEN, "cpu-basic", endpoint=hub.url)
    assert submitted(job) is None


def test_the_hardware_is_the_clients_list_with_one_gpu_at_most() -> None:
    offered = set(flavors())
    assert {"cpu-basic", "t4-small", "l4x1", "l40sx1", "a100-large"} <= offered
    assert {"zero-a10g", "h200x8", "l4x4", "a10g-largex2"}.isdisjoint(offered)


def test_the_source_is_complete_and_equal_source_is_an_equal_file() -> None:
    content = source_archive()
    assert content == source_archive()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {f"decloss/jobs/{name}.py" for name in ("hub/remote", "trainer")} < set(archive.namelist())
        assert archive.read("decloss/zoo/registry.py") == (ROOT / "decloss/zoo/registry.py").read_bytes()


def test_the_rented_machine_installs_what_the_project_says_it_needs() -> None:
    declared = re.findall(r'"([a-z_]+[><=][^"]*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared += (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    library = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("dependencies = [")[1].split("]")[0]
    assert set(re.findall(r'"([^"]+)"', library)) <= set(REQUIREMENTS)
    extra = {"filelock>=3.16,<5"}  # with torch and the Hub's client
    assert set(REQUIREMENTS) - extra <= set(declared)

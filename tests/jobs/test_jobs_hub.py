"""Uploading a result, by the real huggingface_hub client to a local stand-in; the real Hub was never called."""

import logging
import runpy
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from hub_stand_in import TOKEN, Hub, hub_stand_in
from small_job import finished, small_job

from decloss.jobs.directory import Job
from decloss.jobs.hub import push as hub_module
from decloss.jobs.hub import rented as hub_jobs
from decloss.jobs.hub.push import connect, push_checkpoint
from decloss.jobs.record import JobError
from decloss.zoo.checkpoint import load_checkpoint_file

REPOSITORY = "visitor/my-finetune"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_stand_in(tmp_path) as hub:
        yield hub


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoints: Path) -> Job:
    return finished(small_job(tmp_path_factory.mktemp("data"), tiny_checkpoints))


def test_a_result_becomes_a_private_repository_that_loads_as_a_checkpoint(hub: Hub, job: Job, tmp_path: Path) -> None:
    for _ in range(2):  # again, into the repository that is there now
        assert push_checkpoint(job, REPOSITORY, TOKEN, endpoint=hub.url) == f"{hub.url}/{REPOSITORY}"
    repository = hub.repositories[REPOSITORY]
    assert repository.private
    assert set(repository.files) == {"README.md", f"{job.name}.safetensors", f"{job.name}.json"}
    for name, content in repository.files.items():
        (tmp_path / name).write_bytes(content)
        assert TOKEN.encode() not in content
    assert load_checkpoint_file(tmp_path / job.checkpoint.name).card["name"] == job.name
    assert hub.authorizations == {f"Bearer {TOKEN}"}


def test_a_repository_that_was_public_stays_as_its_owner_made_it(hub: Hub, job: Job) -> None:
    huggingface_hub.HfApi(hub.url, TOKEN).create_repo(REPOSITORY, private=False)
    push_checkpoint(job, REPOSITORY, TOKEN, endpoint=hub.url)
    assert not hub.repositories[REPOSITORY].private


def test_the_card_says_licence_library_start_settings_and_scores_as_the_hub_reads_them(hub: Hub, job: Job) -> None:
    push_checkpoint(job, REPOSITORY, TOKEN, endpoint=hub.url)
    card = huggingface_hub.ModelCard(hub.repositories[REPOSITORY].files["README.md"].decode())
    front = card.data.to_dict()
    assert (front["license"], front["library_name"], front["base_checkpoint"]) == ("mit", "decloss", "tiny-a")
    after = {key: value for key, value in job.result["scores"]["after"].items() if value is not None}
    told = {score.metric_type: score.metric_value for score in card.data.eval_results}
    assert {"psnr_y", "ssim", "icoo"} <= told.keys()
    assert told == {key: after[key] for key in told}
    assert f"finetuned for {job.settings.steps} steps" in card.text
    assert (
        '"dec_weight": 0.1' in card.text and f"| PSNR-Y | {job.result['scores']['before']['psnr_y']:.4f} |" in card.text
    )


@pytest.mark.parametrize(
    "name", ["", "alone", "a/b/c", "-a/b", "a/b--c", "a/../b", "a/b c", "a/b.git", "a/b\n", "é/b", None, 3, ["a/b"]]
)
def test_names_that_the_hub_would_refuse_are_refused_before_anything_is_sent(hub: Hub, job: Job, name: object) -> None:
    with pytest.raises(JobError, match="Write the repository as OWNER/NAME"):
        push_checkpoint(job, name, TOKEN, endpoint=hub.url)
    assert not hub.authorizations


@pytest.mark.parametrize(
    "token", ["", "hf_1", "hf_with space", "hf_line\nbreak", "hf_ünprintable", "x" * 401, None, 12345678]
)
def test_what_cannot_be_a_token_is_refused_before_anything_is_sent(hub: Hub, job: Job, token: object) -> None:
    with pytest.raises(JobError, match="not a token") as caught:
        push_checkpoint(job, REPOSITORY, token, endpoint=hub.url)
    assert not hub.authorizations
    assert not token or str(token) not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "status", "sentence"),
    [
        ("/create", 401, "Hugging Face does not accept this token."),
        ("/create", 402, "Hugging Face asks for credit on this account first."),
        ("/create", 403, f"This token may not do that: it needs the right to write to {REPOSITORY}."),
        ("/commit", 404, f"Hugging Face finds no {REPOSITORY} that this token may see."),
        ("/commit", 429, "Hugging Face has had too many requests from here: try again later."),
        ("/commit", 500, "Hugging Face answers with an error (status 500): try again later."),
    ],
)
def test_an_error_of_the_hub_is_one_sentence_without_the_token(
    hub: Hub, job: Job, caplog: pytest.LogCaptureFixture, part: str, status: int, sentence: str
) -> None:
    caplog.set_level(logging.INFO)
    hub.answers[part] = status  # the stand-in's message repeats the token
    with pytest.raises(JobError) as caught:
        push_checkpoint(job, REPOSITORY, TOKEN, endpoint=hub.url)
    assert str(caught.value) == sentence
    assert caught.value.__suppress_context__  # a traceback would show the client's message
    assert TOKEN not in caplog.text


def test_a_token_that_the_hub_does_not_know_is_named_as_the_cause(hub: Hub, job: Job) -> None:
    with pytest.raises(JobError, match=r"^Hugging Face does not accept this token\.$"):
        push_checkpoint(job, REPOSITORY, "hf_somebodyElses", endpoint=hub.url)


def test_no_network_and_no_answer_are_two_sentences(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "REQUEST_TIMEOUT", 0.3)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(JobError, match=r"^Hugging Face cannot be reached from here: try again later\.$"):
            push_checkpoint(job, REPOSITORY, TOKEN, endpoint=address)
        listening.listen()
        with pytest.raises(JobError, match=r"^Hugging Face does not answer in time: try again later\.$"):
            push_checkpoint(job, REPOSITORY, TOKEN, endpoint=address)


def test_offline_mode_is_no_network(hub: Hub, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(JobError, match="cannot be reached from here"):
        push_checkpoint(job, REPOSITORY, TOKEN, endpoint=hub.url)
    assert not hub.authorizations


def test_there_must_be_a_result(hub: Hub, tmp_path: Path, tiny_checkpoints: Path) -> None:
    with pytest.raises(JobError, match="no result to upload yet"):
        push_checkpoint(small_job(tmp_path / "data", tiny_checkpoints), REPOSITORY, TOKEN, endpoint=hub.url)
    assert not hub.repositories


def test_the_endpoint_is_the_clients_own_by_default() -> None:
    assert connect(TOKEN).endpoint == huggingface_hub.constants.ENDPOINT


def test_without_the_client_there_is_one_sentence_and_no_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # as if it were not installed
    with pytest.raises(JobError, match=r"^The Hub needs the package huggingface_hub, which is not installed here\.$"):
        runpy.run_path(hub_module.__file__)["connect"](TOKEN)
    assert runpy.run_path(hub_jobs.__file__)["flavors"]() == []

"""The Finetune tab without a browser: values nobody would send, each state's view, and whose is whose."""

import math
import re
from collections.abc import Generator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import ROOT, sample_photo
from gradio.data_classes import FileData, ListFiles
from PIL import Image

from decloss.files.images import encode_png
from decloss.jobs.directory import Job, JobState
from decloss.jobs.estimate import Estimate
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError, json_file
from decloss.jobs.settings import JobSettings
from decloss.models import EDSR
from decloss.training.config import RECIPES
from decloss.ui.finetune import callbacks
from decloss.ui.finetune.badge import badge
from decloss.ui.finetune.changes import Shown, changes_since
from decloss.ui.finetune.elsewhere import push, rent, where_it_was_sent
from decloss.ui.finetune.form import IN_DB, OWN, Controls, Form
from decloss.ui.finetune.html import curves, duration, head, score_rows, sentence
from decloss.ui.finetune.keys import take_key
from decloss.ui.finetune.layout import View
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.visitor import Mine, build_mine, owner_or_address, read_id, remember_owner
from decloss.ui.photo.input import read_uploads
from decloss.zoo.checkpoint import CheckpointError, save_checkpoint
from decloss.zoo.registry import BICUBIC, Zoo

START = "tiny-a"
OWNER, OTHER = remember_owner(None), remember_owner(None)
SCORES = {"psnr_y": 30.0, "psnr_rgb": 28.0, "ssim": 0.9, "lpips": None, "icoo": 20.0}


@pytest.fixture
def finetunes(tmp_path: Path) -> Finetunes:
    return Finetunes(tmp_path / "data")


@pytest.fixture
def networks(tiny_checkpoints: Path) -> Networks:
    zoo = Zoo((tiny_checkpoints,))
    return Networks(zoo, [BICUBIC, *zoo.paths()], zoo.load)


@pytest.fixture
def parts(finetunes: Finetunes) -> tuple[Mine, View, gr.Radio]:
    finetunes.data.mkdir()
    with gr.Blocks():
        return build_mine(finetunes, ""), View(), gr.Radio([])


@cache
def defaults() -> dict[str, Any]:
    with gr.Blocks():
        form = Form([START])
    return {name: component.value for name, component in form.panel.components.items()}


def filled_in(**changed: Any) -> dict[str, Any]:
    """What the form's components send."""
    return {**defaults(), **changed}


def read_settings(**changed: Any) -> JobSettings:
    return checked(Controls, {"start": [START]}, **filled_in(**changed)).settings


def new_job(finetunes: Finetunes, tiny_checkpoints: Path, owner: str = OWNER, **settings: Any) -> Job:
    start = tiny_checkpoints / f"{START}.safetensors"
    return finetunes.create(JobSettings(START, **settings), owner, start).queue_again()


def log_steps(job: Job, steps: int) -> None:
    job.run_path.mkdir(exist_ok=True)
    line = '{{"step": {}, "loss": 0.5, "l1": 0.02, "dec": 4.0, "steps_per_second": 2.0}}\n'
    (job.run_path / "metrics.jsonl").write_text(
        "".join(line.format(step + 1) for step in range(steps)), encoding="utf-8"
    )


def add_sample(job: Job, step: int) -> Path:
    path = job.run_path / "samples" / f"{step:08d}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(sample_photo(32, 32, seed=step)))
    return path


def finish(job: Job, steps: int) -> None:
    torch.manual_seed(7)
    save_checkpoint(EDSR(features=8, blocks=1), job.checkpoint, {"training": [], "metrics": {}})
    scores = {"before": SCORES, "after": {**SCORES, "psnr_y": 29.0, "icoo": 19.0}}
    (job.path / "result" / "result.json").write_bytes(json_file({"steps": steps, "seconds": 95.0, "scores": scores}))


# The form.


def test_the_form_begins_with_the_recipe_of_the_paper_s_first_row_with_decloss() -> None:
    settings, recipe = read_settings(), RECIPES["edsr-l1-dec"].losses
    weights = {"l1_weight": recipe.l1_weight, "dec_weight": recipe.dec_weight}
    scaled = replace(settings.losses, **weights)  # Adam does not see the loss's scale, only the ratio of its weights
    assert scaled == replace(recipe, trunk="vgg16", mu=0.25 * 4 * settings.crop)
    ours, theirs = (losses.dec_weight / losses.l1_weight for losses in (settings.losses, recipe))
    assert ours == pytest.approx(theirs)
    assert settings == JobSettings(START, settings.losses)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": BICUBIC}, {"start": "../secret"}, {"start": [START]}, {"start": None}, {"train_on": "theirs"},
        {"steps": 0}, {"steps": 2001}, {"steps": True}, {"steps": "40"}, {"steps": math.nan}, {"steps": None},
        {"l1_weight": -1}, {"l1_weight": math.inf}, {"l1_weight": "x"}, {"perceptual_weight": 1e9},
        {"dec_weight": [1]}, {"patch_size": 8}, {"patch_size": "3"}, {"eta_by": None}, {"positive_share": 0},
        {"positive_share": 100}, {"eta": math.nan}, {"alpha": 0}, {"mu_share": 0}, {"mu_share": 2},
        {"temperature": "both"}, {"t_pos": 0}, {"t_neg": {"a": 1}}, {"learning_rate": 0.1}, {"learning_rate": 0},
        {"batch": 17}, {"crop": 8}, {"crop": 17}, {"seed": -1}, {"l1_weight": 0, "dec_weight": 0}, {"train_on": OWN},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(
    parts: tuple[Mine, View, gr.Radio], networks: Networks, wrong: dict[str, Any]
) -> None:
    with pytest.raises(gr.Error) as error:
        callbacks.read_form(networks, parts[0], {}, None, filled_in(**wrong))
    assert re.fullmatch(r"[^\n]+\.", error.value.message)


def test_eta_is_a_share_or_decibels() -> None:
    assert read_settings().losses.positive_share == 0.01
    losses = read_settings(eta_by=IN_DB).losses
    assert losses.positive_share == 0 and losses.eta == 20.0


def test_uploads_are_read_one_by_one_and_their_faults_are_told(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for path, side in zip(paths, (160, 96, 160), strict=True):
        Image.fromarray(sample_photo(side, side)).save(path)
    files = read_uploads(ListFiles([FileData(path=str(path)) for path in paths[::2]]))
    assert files is not None and len(files) == 2 and files[1] == paths[2].read_bytes()
    said = list(callbacks.check_files(files, 32))
    assert said == ["1 of 2 photos read …", "2 of 2 photos read …", "2 photos to train on."]
    assert list(callbacks.check_files(None, 32)) == [""]
    *_, told = callbacks.check_files(read_uploads(FileData(path=str(paths[1]))), 32)
    left_out = "**b.png is left out. It has 96 x 96 pixels, and crops need 128 a side.**"
    assert told == f"No photos to train on. {left_out}"
    *_, told = callbacks.check_files(read_uploads(ListFiles([FileData(path=str(path)) for path in paths])), 32)
    assert told == f"2 photos to train on. {left_out}"
    paths[0].unlink()
    *_, told = callbacks.check_files(files, 32)
    assert told == (
        "1 photo to train on. **a.png is left out. This photo is no longer on the server; choose it again.**"
    )
    many = read_uploads(ListFiles([FileData(path=str(paths[2]))] * 21))
    (told,) = callbacks.check_files(many, 32)
    assert "1 to 20" in told


def test_files_are_called_as_their_owner_calls_them_and_no_name_is_markup() -> None:
    names = {
        "My cat (1).jpg": "My cat &#40;1&#41;.jpg",
        "../../etc/passwd": "passwd",
        "<img src=x onerror=alert(1)>.png": "&#60;img src&#61;x onerror&#61;alert&#40;1&#41;&#62;.png",
        "**[a](b)**`$$x$$`": "&#42;&#42;&#91;a&#93;&#40;b&#41;&#42;&#42;&#96;&#36;&#36;x&#36;&#36;&#96;",
        "a\u202egnp.\0\n\x1b[31m.png": "agnp.&#91;31m.png",
        "x" * 200 + "last of it.png": "x" * 28 + "…" + "t of it.png",
        "Ö 写真_1.png": "Ö 写真_1.png",
    }
    files = read_uploads(ListFiles([FileData(path="/cache/digest/file.png", orig_name=name) for name in names]))
    assert files is not None and files.names == list(names.values())
    assert read_uploads(FileData(path="/cache/digest/file.png")).names == ["file.png"]


def test_start_stores_photos_and_queues_and_says_why_it_cannot(
    parts: tuple[Mine, View, gr.Radio], networks: Networks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, *_ = parts
    asked: list[Any] = []

    def submit(self: Finetunes, *arguments: Any) -> Job:
        asked.append(arguments)
        if len(asked) > 1:
            raise JobError("You have a finetune already.")
        return self.create(*arguments)

    monkeypatch.setattr(Finetunes, "submit", submit)
    (path, bad) = (tmp_path / name for name in ("photo.png", "bad.png"))
    Image.fromarray(sample_photo(140, 150)).save(path)
    bad.write_bytes(b"text")
    files = read_uploads(ListFiles([FileData(path=str(each)) for each in (bad, path)]))
    plan = callbacks.read_form(networks, mine, {}, files, filled_in(train_on=OWN))
    job_id, said = callbacks.start(mine, plan, OWNER, None)
    job = mine.finetunes.find(job_id)
    assert job.name in said and "bad.png is left out." in said
    assert job in mine.finetunes.of(OWNER) and job.settings.own_photos
    (stored,) = job.photos.iterdir()
    assert np.array_equal(np.asarray(Image.open(stored)), sample_photo(140, 150))
    with pytest.raises(gr.Error, match="already"):
        callbacks.start(mine, plan, OWNER, None)


def test_an_estimate_and_a_command_say_what_the_run_will_be(
    parts: tuple[Mine, View, gr.Radio], networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, *_ = parts

    def measure(*_: Any) -> Generator[float, None, Estimate]:
        yield 0.1
        return Estimate(0.4, 130.0, 812)

    monkeypatch.setattr(callbacks, "estimate", measure)
    plan = callbacks.read_form(networks, mine, {}, None, filled_in())
    *_, said = callbacks.estimate_cost(mine, plan)
    assert "**2 min** for 200 steps (0.4 s a step" in said and "812 MB" in said
    with pytest.raises(gr.Error, match="No recipe"):
        callbacks.command(plan)
    shipped = Networks(Zoo((ROOT / "checkpoints",)), [BICUBIC, "edsr-l1"], networks.load)
    line = callbacks.command(callbacks.read_form(shipped, mine, {}, None, filled_in(start="edsr-l1"))).value
    assert "--init edsr-l1 " in line and "--positive-share 0.01" in line and "--steps 200" in line


def test_a_start_that_was_deleted_in_another_tab_is_named_as_the_cause(
    parts: tuple[Mine, View, gr.Radio], networks: Networks, tiny_checkpoints: Path
) -> None:
    mine, *_ = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=5)
    finish(job, 5)
    finished = mine.look_up(OWNER, "")[0]
    assert callbacks.read_form(networks, mine, finished, None, filled_in(start=job.name)).checkpoint == job.checkpoint
    job.delete()
    with pytest.raises(gr.Error, match="was deleted: choose another start"):
        callbacks.read_form(networks, mine, finished, None, filled_in(start=job.name))


# Whose is whose.


def test_a_visitor_is_who_the_browser_says_and_without_one_the_address() -> None:
    request = gr.Request(client=type("Client", (), {"host": "10.0.0.9"})())
    assert remember_owner(OWNER) == OWNER and owner_or_address(OWNER, request) == OWNER
    for nonsense in (None, "", "short", OWNER + "x", 7, ["a"], {"a": 1}):
        assert remember_owner(nonsense) != nonsense and len(remember_owner(nonsense)) == 43
        assert owner_or_address(nonsense, request) == "address 10.0.0.9"
    assert remember_owner(None) != remember_owner(None)


def test_the_browser_s_key_survives_a_restart_and_is_nobody_else_s(parts: tuple[Mine, View, gr.Radio]) -> None:
    mine, *_ = parts
    again = build_mine(mine.finetunes, "")
    assert mine.owner.secret == again.owner.secret and mine.owner.storage_key == again.owner.storage_key
    assert (mine.finetunes.data / "browser.key").stat().st_mode & 0o777 == 0o600


def test_only_one_s_own_results_and_that_of_the_link_can_be_compared(
    parts: tuple[Mine, View, gr.Radio], networks: Networks, tiny_checkpoints: Path
) -> None:
    mine, *_ = parts
    jobs = [new_job(mine.finetunes, tiny_checkpoints, owner, steps=5) for owner in (OWNER, OWNER, OTHER)]
    for job in jobs[1:]:
        finish(job, 5)
    assert mine.look_up(OWNER, "")[0] == {jobs[1].name: jobs[1].id}
    assert mine.look_up(OTHER, jobs[1].id)[0] == {job.name: job.id for job in jobs[1:]}
    for nobody in (None, "", "x", 3):
        assert mine.look_up(nobody, "nonsense")[0] == {}
    finished = mine.look_up(OWNER, "")[0]
    assert callbacks.starts(networks, finished)[-1] == jobs[1].name and BICUBIC not in callbacks.starts(networks, {})
    known = networks.with_mine(mine.checkpoints(finished))
    assert known.names[-1] == jobs[1].name and known.card(jobs[1].name)["name"] == jobs[1].name
    assert known.load(jobs[1].name) is known.load(jobs[1].name) and jobs[1].name not in networks.names
    ticked = callbacks.compare_with_start(networks, finished, jobs[1].name, START)
    assert ticked.value == [START, jobs[1].name]
    assert "choices" not in ticked.constructor_args, "Compare's have titles, an order, and what is no checkpoint"
    card = known.mine[jobs[1].name].with_suffix(".json")
    whole = card.read_bytes()
    card.write_bytes(whole[:-9])
    with pytest.raises(CheckpointError, match=r"^this finetune's checkpoint is damaged$"):
        known.card(jobs[1].name)
    card.write_bytes(whole)
    jobs[1].delete()
    with pytest.raises(CheckpointError, match=r"^this finetune was deleted$"):
        known.load(jobs[1].name)


def request_from(host: str) -> gr.Request:
    return gr.Request(client=type("Client", (), {"host": host})())


def test_a_viewing_link_shows_and_changes_nothing(parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path) -> None:
    mine, view, listing = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    buttons = (view.stop, view.go_on, view.finish, view.more, view.extend, view.delete)
    rest = (view.elsewhere.push, view.elsewhere.rented)
    for state in ("waiting", "failed", "finished"):
        if state == "failed":
            job.fail("It ran out of memory.")
        elif state == "finished":
            finish(job, 20)
        for visitor in (OTHER, None, "", 7, job.id):
            changes = changes_since(mine, view, listing, visitor, job.id, None, request_from("10.0.0.9"))
            assert state in changes[view.head] and not changes[listing].choices
            assert not any(changes[part].visible for part in (*buttons, *rest))
            assert changes[view.not_yours].visible and "owner's key" in changes[view.not_yours].value
    changes = changes_since(mine, view, listing, OWNER, job.id, None)
    assert changes[view.delete].visible and changes[view.extend].visible and not changes[view.not_yours].visible
    assert all(changes[part].visible for part in rest)
    shown = changes[view.shown]  # this browser gets another owner's key, and the finetune has not changed
    assert not changes_since(mine, view, listing, OTHER, job.id, shown)[view.delete].visible


def test_where_it_was_sent_is_told_to_its_owner_alone(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path
) -> None:
    mine, *_ = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    page = "https://huggingface.co/jobs/somebody/1"  # with the name of an account
    sent = {"job": "1", "repository": "somebody/x", "flavor": "t4-small", "url": page}
    (job.path / "remote.json").write_bytes(json_file(sent))
    assert page in where_it_was_sent(mine, OWNER, job.id)
    for visitor in (OTHER, None, "", 7, job.id):
        assert where_it_was_sent(mine, visitor, job.id) == ""


@pytest.mark.parametrize("what", ["stop", "go on", "extend", "finish", "delete"])
@pytest.mark.parametrize(
    "visitor", [OTHER, None, "", 7, ["x"], {"a": 1}], ids=("other", "none", "empty", "int", "list", "dict")
)
def test_who_has_the_viewing_link_alone_is_refused_by_the_server(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path, what: str, visitor: Any
) -> None:
    mine, *_ = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    for sent in (visitor, job.id, job.record["owner"]):
        with pytest.raises(gr.Error, match="viewing link"):
            callbacks.act(mine, what, sent, job.id, 5, request_from("10.0.0.9"))
    assert job.exists and not job.stop_asked
    assert push(mine, visitor, job.id, "owner/name", "hf_token").startswith("**You see this finetune")
    assert rent(mine, "Run it there", visitor, job.id, "hf_token", "t4-small").startswith("**You see this finetune")


def test_what_the_api_began_without_a_key_belongs_to_the_address_that_asked(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path
) -> None:
    mine, *_ = parts
    here, there = request_from("10.0.0.9"), request_from("10.0.0.7")
    job = new_job(mine.finetunes, tiny_checkpoints, owner_or_address(None, here), steps=20)
    with pytest.raises(gr.Error, match="viewing link"):
        callbacks.act(mine, "stop", OWNER, job.id, None, there)
    with pytest.raises(gr.Error, match="viewing link"):
        callbacks.act(mine, "stop", "address 10.0.0.9", job.id, None, there)
    callbacks.act(mine, "stop", OWNER, job.id, None, here)
    assert job.stop_asked


def test_an_owner_s_key_is_taken_over_and_the_one_before_is_not_lost(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path
) -> None:
    mine, *_ = parts
    new_job(mine.finetunes, tiny_checkpoints, OWNER, steps=20)
    assert take_key(mine, f" {OWNER}\n", OTHER) == (OWNER, "This browser has that key now, and with it 1 finetune.")
    key, said = take_key(mine, OTHER, OWNER)
    assert key == OTHER and f"`{OWNER}`" in said and "0 finetunes" in said
    for nonsense in (None, "", "x", OWNER + "x", 7, ["a"], "<script>" + "a" * 35):
        with pytest.raises(gr.Error, match="43 letters"):
            take_key(mine, nonsense, OTHER)


def test_the_tab_is_marked_for_the_owner_of_a_finetune_that_is_under_way_and_for_nobody_else(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path
) -> None:
    mine, *_ = parts

    def seen(owner: Any) -> tuple[str, bool]:
        found = badge(mine, owner)
        return found[mine.badge], found[mine.timer].active

    assert seen(OWNER) == ("", False)
    first = new_job(mine.finetunes, tiny_checkpoints, OTHER, steps=20)
    job = new_job(mine.finetunes, tiny_checkpoints, OWNER, steps=20)
    assert seen(OWNER) == ("● 1 before you", True) and seen(OTHER) == ("●", True)
    assert "2 finetunes would be before yours" in callbacks.place_in_line(mine)
    first.fail("It ran out of memory.")
    log_steps(job, 8)
    with job.lock():
        assert seen(OWNER) == ("● 40 %", True)
    for nobody in (OTHER, None, "", 7, ["x"]):
        assert seen(nobody) == ("", False)
    finish(job, 20)
    assert seen(OWNER) == ("", False) and "at once" in callbacks.place_in_line(mine)


def test_an_id_in_the_address_is_one_or_nothing() -> None:
    assert read_id("") == "" and read_id("a" * 22) == "a" * 22
    for text in ("../../etc", "a" * 21, "a" * 23, "<script>"):
        with pytest.raises(ValueError, match="no finetune"):
            read_id(text)


# What is seen of each state.


def test_each_state_is_said_in_words(finetunes: Finetunes, tiny_checkpoints: Path) -> None:
    first, second = (new_job(finetunes, tiny_checkpoints, owner, steps=20) for owner in (OTHER, OWNER))
    assert sentence(finetunes, first, []) == "waiting: it starts in a moment"
    assert sentence(finetunes, second, []) == "waiting: 1 before you"
    log_steps(first, 10)
    with first.lock():
        assert "preparing" in sentence(finetunes, first, first.metrics())
        first.say_phase("training")
        assert sentence(finetunes, first, first.metrics()) == "running: step 10 of 20, about 5 s left"
        assert 'aria-valuenow="10"' in head(finetunes, first) and "width: 50.0%" in head(finetunes, first)
        first.say_phase("measuring")
        assert "measuring the result" in sentence(finetunes, first, first.metrics())
        first.ask_to_stop()
        assert sentence(finetunes, first, first.metrics()).startswith("stopping: ")
    assert sentence(finetunes, first, first.metrics()) == "stopped: before its first checkpoint"
    first.fail("It ran out of memory.")
    assert sentence(finetunes, first, first.metrics()) == "failed: It ran out of memory."
    finish(first, 20)
    assert sentence(finetunes, first, first.metrics()) == "finished: 20 steps in 2 min"


def test_times_are_as_exact_as_is_useful() -> None:
    assert [duration(s) for s in (0.2, 59, 100, 5000, 9000)] == ["1 s", "59 s", "2 min", "83 min", "2.5 h"]


def test_names_are_escaped(finetunes: Finetunes, tiny_checkpoints: Path) -> None:
    start = tiny_checkpoints / f"{START}.safetensors"
    job = finetunes.create(JobSettings("<img src=x>"), OWNER, start)
    job.fail("<script>")
    assert "<img" not in head(finetunes, job) and "<script" not in head(finetunes, job)
    assert "<img" not in score_rows({"before": SCORES, "after": SCORES}, "<img src=x>", job.name)


def test_curves_show_each_part_and_the_scores_from_before_the_first_step(
    finetunes: Finetunes, tiny_checkpoints: Path
) -> None:
    job = new_job(finetunes, tiny_checkpoints, steps=20)
    assert curves(job) == ""
    log_steps(job, 4)
    (job.path / "before.json").write_bytes(json_file(SCORES))
    with (job.run_path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 10, "loss": 0.4, "l1": NaN, "validation": {"psnr_y": 31.0, "lpips": null}}\n{"step": 11')
    shown = curves(job)
    titles = [re.sub("<[^>]+>", "", title) for title in re.findall(r"<figcaption><span>(.*?)</span>", shown)]
    assert titles == ["L, the loss", "L1, pixels", "Ld, DECLoss", "PSNR-Y ↑"]
    assert "31.00 at step 10" in shown and "30.00" in shown and "NaN" not in shown


def test_the_better_score_is_marked_and_a_missing_one_is_n_a() -> None:
    table = score_rows({"before": SCORES, "after": {**SCORES, "psnr_y": 29.0, "icoo": 19.0}}, START, "mine-abcdef")
    before, after = table.split("<tr>")[2:]
    assert before.count("class=best") == 1 and "best>30.00" in before
    assert after.count("class=best") == 1 and "best>19.00" in after and '<td data-label="LPIPS ↓">n/a</td>' in after


def test_only_what_has_changed_is_sent_again(parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path) -> None:
    mine, view, listing = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    log_steps(job, 2)
    add_sample(job, 0)
    changes = changes_since(mine, view, listing, OWNER, job.id, None)
    assert set(changes) <= {*view.changing, listing, mine.finished, mine.news, mine.badge, mine.timer}
    assert changes[view.timer].active and changes[view.everything].visible and changes[view.stop].visible
    assert changes[listing].choices[0][1] == job.id and changes[view.pictures]["steps"] == [0, 0]
    changes = changes_since(mine, view, listing, OWNER, job.id, changes[view.shown])
    assert set(changes) == {view.head, view.shown}
    log_steps(job, 3)
    changes = changes_since(mine, view, listing, OWNER, job.id, changes[view.shown])
    assert set(changes) == {view.head, view.shown, view.curves}
    whole = add_sample(job, 10).read_bytes()
    job.samples()[-1].write_bytes(whole[:100])  # as while it is being written
    changes = changes_since(mine, view, listing, OWNER, job.id, changes[view.shown])
    assert set(changes) == {view.head, view.shown}
    job.samples()[-1].write_bytes(whole)
    changes = changes_since(mine, view, listing, OWNER, job.id, changes[view.shown])
    assert changes[view.pictures]["steps"] == [0, 10]
    before, now = (Path(changes[view.pictures][name]["path"]) for name in ("before", "now"))
    assert now.read_bytes() == whole and before.read_bytes() == job.samples()[0].read_bytes()


def test_a_failure_shows_its_log_and_a_result_its_files(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path
) -> None:
    mine, view, listing = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    job.log_path.write_text(f'File "{job.path}/x.py": 3/4 is the last word', encoding="utf-8")
    job.fail("The disk is full.")
    changes = changes_since(mine, view, listing, OWNER, job.id, None)
    assert changes[view.log].value == 'File "…/x.py": 3/4 is the last word' and changes[view.log].visible
    assert not changes[view.timer].active
    assert changes[view.go_on].visible and not changes[view.finish].visible and not changes[view.result].visible
    finish(job, 20)
    changes = changes_since(mine, view, listing, OWNER, job.id, changes[view.shown])
    assert changes[view.result].visible and changes[view.extend].visible and not changes[view.go_on].visible
    assert changes[mine.finished] == {job.name: job.id} and changes[view.card]["name"] == job.name
    weights, card = (Path(file["path"]) for file in changes[view.files].value)
    assert weights.read_bytes() == job.checkpoint.read_bytes() and card.name == f"{job.name}.json"
    assert str(mine.finetunes.data) not in str(weights)


@pytest.mark.parametrize("job_id", ["", None, "a" * 22, "../../../etc", 5, ["x"]], ids=str)
def test_what_is_not_there_is_said_and_nothing_ticks(parts: tuple[Mine, View, gr.Radio], job_id: Any) -> None:
    mine, view, listing = parts
    changes = changes_since(mine, view, listing, OWNER, job_id, Shown("other"))
    assert not changes[view.timer].active and not changes[view.everything].visible
    assert changes[view.missing].visible == bool(job_id) and changes[mine.finished] == {}
    for what in ("stop", "go on", "extend", "finish", "delete"):
        with pytest.raises(gr.Error, match="no such finetune"):
            callbacks.act(mine, what, OWNER, job_id, 5)


def test_buttons_do_what_they_say(parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path) -> None:
    mine, *_ = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    callbacks.act(mine, "stop", OWNER, job.id)
    assert job.state is JobState.STOPPED
    with pytest.raises(gr.Error, match="nothing to keep"):
        callbacks.act(mine, "finish", OWNER, job.id)
    for more in (math.nan, 0, "5", None, 3000, True):
        with pytest.raises(gr.Error, match="further steps"):
            callbacks.act(mine, "extend", OWNER, job.id, more)
    callbacks.act(mine, "delete", OWNER, job.id)
    assert not job.path.exists()


def test_where_there_are_no_finetunes_every_button_says_why(finetunes: Finetunes, networks: Networks) -> None:
    with gr.Blocks():
        mine, view, listing = build_mine(finetunes, "Another app has them."), View(), gr.Radio([])
    assert mine.look_up(OWNER, "a" * 22)[0] == {} and not finetunes.data.exists()
    assert changes_since(mine, view, listing, OWNER, "", None)[listing].choices == []
    with pytest.raises(gr.Error, match="Another app"):
        callbacks.act(mine, "stop", OWNER, "a" * 22)
    with pytest.raises(gr.Error, match="Another app"):
        callbacks.start(mine, callbacks.read_form(networks, mine, {}, None, filled_in()), OWNER, None)


@pytest.mark.parametrize("token", [None, "", "two words", "x" * 5000, 7, "secret\nsecret"], ids=repr)
def test_a_token_that_is_none_is_refused_and_not_repeated(
    parts: tuple[Mine, View, gr.Radio], tiny_checkpoints: Path, token: Any
) -> None:
    mine, *_ = parts
    job = new_job(mine.finetunes, tiny_checkpoints, steps=20)
    finish(job, 20)
    answers = [push(mine, OWNER, job.id, "owner/name", token)]
    answers += [
        rent(mine, what, OWNER, job.id, token, "t4-small") for what in ("Run it there", "How is it?", "Cancel it")
    ]
    assert all(answer.startswith("**") for answer in answers)
    assert not any("secret" in answer or "xxxx" in answer for answer in answers)

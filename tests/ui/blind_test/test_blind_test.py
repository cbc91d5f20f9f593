"""The blind test without a page: what is asked, what is taken, and that nothing tells the networks apart before."""

import base64
import io
import itertools
import json
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import sample_photo
from gradio.data_classes import FileData
from PIL import Image

from decloss.evaluation.scores import score
from decloss.models import EDSR, Bicubic
from decloss.pixels import to_tensor
from decloss.ui.blind_test import rounds as rounds_module
from decloss.ui.blind_test.callbacks import TOO_MANY, BlindTest
from decloss.ui.blind_test.classroom import _watch
from decloss.ui.blind_test.controls import EXAMPLES, OWN_NETWORK, OWN_PHOTO, WITHOUT_ORIGINAL, Controls
from decloss.ui.blind_test.limits import Limits
from decloss.ui.blind_test.rounds import Rounds
from decloss.ui.blind_test.summary import own_summary, tally_summary
from decloss.ui.blind_test.tab import read_answer, visitor_of
from decloss.ui.parts.examples import Examples
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.tally import Tallies, Tally
from decloss.ui.photo.input import Upload
from decloss.views.blind import Candidates, draw_window, make_sheet, place_of, window_at
from decloss.votes.ranking import rank
from decloss.votes.store import VOTES, VoteStore
from decloss.votes.visitors import attention, count_ballots
from decloss.votes.vote import Vote

NAMES = ["bicubic", "edsr-l1", "edsr-l1-dec"]
VISITOR = "a" * 32


@cache
def made_up(number: int) -> SimpleNamespace:
    hr = sample_photo(160, 200)
    noise = np.random.default_rng(number).integers(-8 * number - 4, 8 * number + 5, hr.shape)
    pixels = np.clip(hr + noise, 0, 255).astype(np.uint8)
    return SimpleNamespace(pixels=pixels, scores=score(to_tensor(pixels), to_tensor(hr)))


class Shelf:
    """Examples whose results are made up: the original with more and more noise."""

    def __init__(self, photos: dict[str, int]) -> None:
        self.names, self.wanted, self._found = NAMES, [], {}
        for photo, count in photos.items():
            hr = sample_photo(160, 200)
            results = {name: made_up(number) for number, name in enumerate(NAMES[:count])}
            task = SimpleNamespace(hr=hr)
            lacks = lambda names, results=results: [name for name in names if name not in results]  # noqa: E731
            self._found[photo] = SimpleNamespace(results=results, task=task, lacks=lacks)

    def by_name(self):
        return self._found

    def want(self, example) -> None:
        self.wanted.append(example)


@pytest.fixture
def blind(tmp_path: Path) -> BlindTest:
    examples = Examples(Shelf({"cat.png": 3, "dog.png": 3}))
    store = VoteStore(tmp_path / VOTES)
    networks = Networks(None, NAMES, lambda name: None)
    return BlindTest(networks, examples, store, Tallies(store, NAMES, examples.scores))


@pytest.fixture(autouse=True)
def _look_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds_module, "LEAST_LOOK", 0.0)


def ask(blind: BlindTest, rounds: Rounds = Rounds(), **controls: str):  # noqa: B008
    return blind.next_pair(rounds, Controls(**controls), None, blind.networks)


def answer(blind: BlindTest, rounds: Rounds, choice: str = "left", **sent):
    given = {"token": rounds.shown.token, "choice": choice, "ms": 5, **sent}
    return blind.take(rounds, VISITOR, "10.0.0.1", given, "")


def test_a_question_holds_nothing_that_tells_the_networks_apart(blind):
    rounds, shown = ask(blind)
    assert set(shown) == {"token", "sheet", "columns", "round"}
    assert not any(name in json.dumps({**shown, "sheet": ""}) for name in (*NAMES, "cat", "dog"))
    sheet = np.array(Image.open(io.BytesIO(base64.b64decode(shown["sheet"].split(",")[1]))))
    assert sheet.shape == (128, 384, 3) and shown["columns"] == 3
    found = blind.examples.ready()[rounds.shown.question.photo]
    window = window_at(found, rounds.shown.question.place)
    left, right = (found.results[getattr(rounds.shown.question, side)] for side in ("left", "right"))
    for column, picture in enumerate((left, found.hr, right)):
        assert np.array_equal(sheet[:, 128 * column : 128 * (column + 1)], window.cut(picture))
    _, pair = ask(blind, original=WITHOUT_ORIGINAL)
    assert pair["columns"] == 2


def test_an_answer_is_kept_and_told_with_the_metrics_of_the_pair(blind):
    rounds, _ = ask(blind)
    question = rounds.shown.question
    after, told = answer(blind, rounds, "right")
    (vote,) = blind.store.votes()
    assert (vote.left, vote.right, vote.choice) == (question.left, question.right, "right")
    assert (vote.photo, vote.place, vote.protocol) == (question.photo, question.place, "with original")
    assert vote.visitor == VISITOR and abs(vote.time - time.time()) < 60
    assert after.shown is None and told["told"]["left"]["name"] == question.left
    scores = blind.examples.scores()
    values = [scores[question.photo, name].psnr_y for name in (question.left, question.right)]
    psnr = next(each for each in told["told"]["metrics"] if each["name"] == "PSNR")
    assert psnr["better"] == ("left" if values[0] > values[1] else "right")
    assert [psnr["left"], psnr["right"]] == [f"{value:.2f} dB" for value in values]


@pytest.mark.parametrize(
    "sent", [{"token": "0" * 16}, {"token": None}, {"choice": "both"}, {"choice": ["left"]}, {"choice": None}]
)
def test_an_answer_to_what_was_not_shown_is_refused_and_not_kept(blind, sent):
    rounds, _ = ask(blind)
    with pytest.raises(gr.Error):
        answer(blind, rounds, **sent)
    with pytest.raises(gr.Error):
        blind.take(Rounds(), VISITOR, "x", {"token": rounds.shown.token, "choice": "left", "ms": 1}, "")
    with pytest.raises(gr.Error):
        blind.take(rounds, "", "x", {"token": rounds.shown.token, "choice": "left", "ms": 1}, "")
    assert blind.store.votes() == []


def test_one_question_takes_one_answer_and_no_time_before_it_was_seen(blind, monkeypatch):
    rounds, _ = ask(blind)
    after, _ = answer(blind, rounds)
    for known in (after, rounds):  # two answers that come at the same moment both find the question unanswered
        with pytest.raises(gr.Error, match="not shown any more"):
            blind.take(known, VISITOR, "x", {"token": rounds.shown.token, "choice": "left", "ms": 1}, "")
    monkeypatch.setattr(rounds_module, "LEAST_LOOK", 60.0)
    rounds, _ = ask(blind, after)
    with pytest.raises(gr.Error, match="too fast"):
        answer(blind, rounds)
    assert len(blind.store.votes()) == 1


@pytest.mark.parametrize("claimed", [10**12, -1, "soon", None, True, float("nan")])
def test_a_claimed_time_is_never_longer_than_the_server_knows(blind, claimed):
    rounds, _ = ask(blind)
    answer(blind, rounds, ms=claimed)
    assert 0 <= blind.store.votes()[0].milliseconds < 60_000


def test_a_flood_is_refused_by_visitor_and_by_address(blind):
    limited = BlindTest(blind.networks, blind.examples, blind.store, blind.tallies, Limits(of_visitor=3, of_address=5))
    rounds = Rounds()
    for _ in range(3):
        rounds, _ = ask(limited, rounds)
        rounds, _ = answer(limited, rounds)
    rounds, _ = ask(limited, rounds)
    with pytest.raises(gr.Error, match=TOO_MANY):
        answer(limited, rounds)
    others = [limited.limits.take(f"{number:032x}", "10.0.0.1") for number in range(4)]
    assert others == [True, True, False, False] and limited.limits.take("b" * 32, "10.0.0.2")
    assert len(limited.store.votes()) == 3


def test_refusals_do_not_fill_the_memory_of_who_voted(monkeypatch):
    monkeypatch.setattr("decloss.ui.blind_test.limits.MOST_KNOWN", 4)
    limits = Limits(of_address=0)
    assert not any(limits.take(f"{number:032x}", "10.0.0.1") for number in range(20))
    assert len(limits._times) <= 4


def test_photos_that_are_not_ready_are_wanted_and_not_asked_about(tmp_path):
    store = VoteStore(tmp_path / VOTES)
    shelf = Shelf({"cat.png": 1})
    waiting = BlindTest(Networks(None, NAMES, None), Examples(shelf), store, Tallies(store, NAMES, dict))
    rounds, shown = ask(waiting)
    assert rounds.shown is None and "Press Next pair in a few seconds" in shown["wait"] and len(shelf.wanted) == 1
    partly = BlindTest(waiting.networks, Examples(Shelf({"cat.png": 2, "dog.png": 1})), store, waiting.tallies)
    for _ in range(10):
        rounds, _ = ask(partly, rounds)
        assert rounds.shown.question.photo == "cat.png"
        assert {rounds.shown.question.left, rounds.shown.question.right} <= set(NAMES[:2])


def test_a_finetune_against_its_start_needs_a_finetune(blind, monkeypatch):
    monkeypatch.setattr("decloss.ui.blind_test.callbacks.decode_or_explain", lambda _: SimpleNamespace(pixels=None))
    with pytest.raises(gr.Error, match="no finished finetune"):
        ask(blind, source=OWN_NETWORK)


def test_a_repeat_shows_the_same_place_with_the_sides_swapped(blind):
    rounds = Rounds()
    for _ in range(4):
        rounds, _ = ask(blind, rounds)
    again = rounds.asked[-1]
    assert any((q.photo, q.place, q.left, q.right) == (again.photo, again.place, again.right, again.left)
               for q in rounds.asked[:2])  # fmt: skip


def test_pairs_are_counted_and_attention_is_tested_when_the_first_questions_are_forgotten(blind, monkeypatch):
    monkeypatch.setattr(rounds_module, "REMEMBERED", 6)
    rounds, same = Rounds(), []
    for number in range(1, 25):
        rounds, shown = ask(blind, rounds)
        assert shown["round"] == number and len(rounds.asked) <= 6
        same += [number] * (rounds.shown.question.left == rounds.shown.question.right)
    assert same == [8, 16, 24]


def test_windows_are_inside_and_come_back_from_their_words():
    rng = np.random.default_rng(0)
    hr = sample_photo(150, 210)
    found = Candidates(hr, {"a": hr, "b": 255 - hr}, {}, left=40, top=20)
    for _ in range(20):
        window = draw_window(found, "a", "b", rng)
        assert window.cut(hr).shape == (128, 128, 3)
        assert window_at(found, place_of(found, window)) == window
    assert draw_window(found, "a", "a", rng).width == 128
    for place in ("0,0,128", "40,20,999", "x", "40,20", "-1,2,3", "400,20,128"):
        assert window_at(found, place) is None
    assert make_sheet(found, window, "a", "b", with_original=False).shape == (128, 256, 3)


def test_ones_own_ranking_stands_beside_lpips_after_ten_pairs(blind):
    rounds = Rounds()
    scores = blind.examples.scores()
    text = own_summary([], scores, NAMES)
    assert "10 more pairs" in text
    while count_ballots(blind.store.votes(), NAMES, everybody=True).count < 10:
        rounds, _ = ask(blind, rounds)
        question = rounds.shown.question
        better = "left" if NAMES.index(question.left) < NAMES.index(question.right) else "right"
        rounds, _ = answer(blind, rounds, "neither" if question.left == question.right else better)
    text = own_summary(blind.store.votes(), scores, NAMES)
    eyes, lpips = text.split("By LPIPS") if "By LPIPS" in text else (text, "")
    assert eyes.index("bicubic") < eyes.index("edsr-l1</small>") < eyes.index("edsr-l1-dec")
    assert "tests passed" in text
    assert lpips or all(each.lpips is None for each in scores.values())


def votes_on(left: str, right: str, *, visitors: int, each: int) -> list[Vote]:
    """Votes for the left one, each on a place of its own."""
    return [
        Vote(1.0, f"{visitor:032x}", "cat.png", f"{number},0,128", left, right, "left", 900, "pair")
        for visitor in range(visitors)
        for number in range(each)
    ]


def test_votes_on_a_finetune_are_no_pairs_of_ones_own_ranking(blind):
    votes = votes_on("mine-abc123", "edsr-l1", visitors=1, each=12)
    assert "10 more pairs" in own_summary(votes, blind.examples.scores(), NAMES)


def test_the_tally_leaves_out_a_network_that_nobody_met():
    ballots = count_ballots(votes_on("bicubic", "edsr-l1", visitors=6, each=20), NAMES)
    text = tally_summary(Tally(1, ballots, rank(ballots, resamples=20), {}, 0, 0.0, 0.0), "")
    assert "120 votes of 6 visitors" in text and "<small>edsr-l1</small>" in text and "edsr-l1-dec" not in text


def test_the_live_tally_outside_of_a_class_leaves_the_fold_as_it_is():
    timer, fold = _watch("", True)
    assert not timer.active and fold == gr.skip()
    timer, fold = _watch("abc234", True)
    assert timer.active and fold.open


def test_the_tally_says_nothing_below_its_least_and_escapes_what_it_shows(blind, monkeypatch):
    monkeypatch.setattr("decloss.ui.parts.tally.LEAST_AGE", 0.0)
    monkeypatch.setattr("decloss.ui.parts.tally.SHARE", 0)
    rounds, _ = ask(blind)
    answer(blind, rounds)
    text = tally_summary(blind.tallies.of(), "")
    assert "1 vote of 1 visitor" in text and "cannot say anything" in text
    assert not len(blind.tallies.of().ranking.resampled)  # nobody waits for intervals of which nothing is said
    ballots = count_ballots(votes_on("<b>", "edsr-l1", visitors=6, each=20), ["<b>", "edsr-l1"])
    text = tally_summary(Tally(1, ballots, rank(ballots, resamples=20), {}, 0, 0.0, 0.0), "abc234")
    assert "&lt;b&gt;" in text


def test_a_tally_is_counted_anew_when_more_results_have_metrics(blind, monkeypatch):
    monkeypatch.setattr("decloss.ui.parts.tally.LEAST_AGE", 0.0)
    monkeypatch.setattr("decloss.ui.parts.tally.SHARE", 0)
    known = {}
    tallies = Tallies(blind.store, NAMES, lambda: known)
    assert tallies.of() is tallies.of()
    known.update(blind.examples.scores())
    assert tallies.of().scored == len(known) > 0


def test_photos_whose_first_results_are_of_different_networks_are_asked_about(tmp_path):
    store, shelf = VoteStore(tmp_path / VOTES), Shelf({"cat.png": 2, "dog.png": 3})
    dog = shelf.by_name()["dog.png"]
    del dog.results[NAMES[0]]
    blind = BlindTest(Networks(None, NAMES, None), Examples(shelf), store, Tallies(store, NAMES, dict))
    rounds, _ = ask(blind)
    question = rounds.shown.question
    assert {question.left, question.right} <= ({*NAMES[:2]} if question.photo == "cat.png" else {*NAMES[1:]})


def test_a_tally_is_counted_once_for_all_who_look(blind, monkeypatch):
    counted = []
    count = blind.tallies._count
    monkeypatch.setattr(blind.tallies, "_count", lambda code: counted.append(code) or count(code))
    for _ in range(3):
        blind.tallies.of()
    rounds, _ = ask(blind)
    answer(blind, rounds)
    blind.tallies.of()
    assert counted == [""]  # a new vote waits for some seconds
    monkeypatch.setattr("decloss.ui.parts.tally.LEAST_AGE", 0.0)
    monkeypatch.setattr("decloss.ui.parts.tally.SHARE", 0)
    assert blind.tallies.of().last == 1 and counted == ["", ""]
    blind.tallies.of()
    assert counted == ["", ""]  # nothing new


def test_a_visitor_is_a_number_that_does_not_tell_the_secret():
    secret = "s" * 43
    assert (
        len(visitor_of(secret)) == 32 and secret not in visitor_of(secret) and visitor_of(secret) == visitor_of(secret)
    )
    assert visitor_of(secret) != visitor_of("t" * 43)
    assert visitor_of(None) == visitor_of("short") == visitor_of(7) == ""


@pytest.mark.parametrize("index", [None, 3, [1], {"a": 1}])
def test_a_hostile_event_is_refused(index):
    with pytest.raises(gr.Error):
        read_answer(SimpleNamespace(index=index, value="left"))


def test_the_examples_are_the_first_choice():
    assert Controls().source == EXAMPLES and Controls().protocol == "with original"


@pytest.fixture
def photo(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A visitor's own photo, as if it had been uploaded."""
    pixels = sample_photo(260, 300, seed=5)
    monkeypatch.setattr("decloss.ui.blind_test.callbacks.decode_or_explain", lambda _: SimpleNamespace(pixels=pixels))
    return pixels


def small_networks(*names: str) -> Networks:
    """Networks that enlarge in a moment: bicubic, and one that shifts its colours, by name."""
    torch.manual_seed(0)
    made = {name: Bicubic() if name == "bicubic" else EDSR(features=8, blocks=1).eval() for name in names}
    return Networks(None, list(names), made.__getitem__)


def test_rounds_on_ones_own_photo_show_pieces_of_it_and_what_the_networks_make_of_them(blind, photo):
    networks = small_networks(*NAMES)
    test = BlindTest(networks, blind.examples, blind.store, blind.tallies)
    rounds = Rounds()
    for _ in range(4):
        rounds, shown = ask(test, rounds, source=OWN_PHOTO)
        question = rounds.shown.question
        assert question.photo == "own" and set(rounds.shown.scores) == {question.left, question.right}
        left, top, side = map(int, question.place.split(","))
        sheet = np.array(Image.open(io.BytesIO(base64.b64decode(shown["sheet"].split(",")[1]))))
        assert np.array_equal(sheet[:, side : 2 * side], photo[top : top + side, left : left + side])
    assert rounds.asked[-1].place in {question.place for question in rounds.asked[:2]}  # a repeat, of the same piece
    _, told = answer(test, rounds)
    assert "piece of your photo" in told["told"]["whole"] and blind.store.votes()[0].photo == f"own-{rounds.tag}"


def test_a_place_on_another_photo_of_ones_own_is_no_repeat(blind, photo, monkeypatch):
    seeds = itertools.count()
    monkeypatch.setattr("decloss.ui.blind_test.callbacks.secrets.randbits", lambda _: next(seeds))
    test = BlindTest(small_networks(*NAMES), blind.examples, blind.store, blind.tallies)
    first, second = (Upload(FileData(path=name)) for name in ("first.png", "second.png"))
    rounds = Rounds()
    for upload in (first, first, first, second):  # the fourth question would be a repeat
        rounds, _ = test.next_pair(rounds, Controls(source=OWN_PHOTO), upload, test.networks)
        rounds, _ = answer(test, rounds)
    assert attention(blind.store.votes()) == (0, 0) and rounds.count == 4


def test_a_finetune_is_shown_against_what_it_started_from_alone(blind, photo, monkeypatch):
    networks = small_networks(*NAMES, "mine-abc123")
    mine = replace(networks, mine={"mine-abc123": Path("never read")})
    card = {"training": [{"init": None}, {"init": "edsr-l1-dec"}]}
    monkeypatch.setattr(Networks, "card", lambda self, name: card)
    rounds = Rounds()
    for _ in range(3):
        rounds, _ = blind.next_pair(rounds, Controls(source=OWN_NETWORK), None, mine)
        assert {rounds.shown.question.left, rounds.shown.question.right} == {"mine-abc123", "edsr-l1-dec"}
    answer(blind, rounds)
    assert blind.tallies.of().ballots.count == 0  # the ranking of the shipped networks knows nothing of it

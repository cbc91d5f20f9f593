"""Lanes: a full one turns visitors away at once, with a time; the others go on as if nothing was."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import gradio as gr
import httpx
import pytest
import torch
from served_app import served_functions
from waiting import wait_for

from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface
from decloss.ui.serving.lanes import LANES, LIVE, SLACK, Admission, assign_lanes
from decloss.zoo.registry import default_zoo

SLOW = LANES["networks"]
LONG_WORK = {
    "compare": "networks", "run_embedding": "embedding", "coo": "embedding", "play": "toy", "playground": "toy",
    "finetune": "finetunes", "show_place": "photos", "check_photo": "photos",
    "show_files": "drawing", "show_slopes": "looks", "show": LIVE, "show_first": "drawing",
    "finetune_status": "reading", "paper": "reading",
}  # fmt: skip


@pytest.fixture
def held() -> Iterator[tuple[httpx.Client, threading.Event]]:
    """A small app whose function ``slow`` works until the event is set; ``quick`` answers at once."""
    release = threading.Event()

    def slow(number: float) -> float:
        release.wait(60)
        return number

    def quick() -> str:
        return "here"

    with gr.Blocks() as page:
        gr.api(slow, api_name="slow", concurrency_id="networks")
        gr.api(quick, api_name="quick")
    with served_functions(page) as client:
        yield client, release
        release.set()


def call(client: httpx.Client, name: str, *data: float, **headers: str) -> httpx.Response:
    return client.post(
        f"call/{name}", json={"data": list(data)}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def result(client: httpx.Client, name: str, answer: httpx.Response) -> list[object]:
    lines = client.get(f"call/{name}/{answer.json()['event_id']}").text.splitlines()
    assert "event: complete" in lines, lines
    return json.loads(lines[lines.index("event: complete") + 1].removeprefix("data: "))


def test_a_flood_is_turned_away_with_a_time_and_no_other_lane_notices(
    held: tuple[httpx.Client, threading.Event],
) -> None:
    client, release = held
    answers = [call(client, "slow", i) for i in range(SLOW.at_a_time + SLOW.room + 10)]
    # How many run already when the last one comes is up to the machine: at most as many as may run.
    taken = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert SLOW.room <= len(taken) <= SLOW.room + SLOW.at_a_time
    assert len(taken) + len(refused) == len(answers)
    for answer in refused:
        seconds = int(answer.headers["retry-after"])
        assert seconds == SLOW.room * SLOW.guess / SLOW.at_a_time  # nothing was measured yet
        assert answer.json()["detail"] == f"Busy: many visitors are here. Try again in about {seconds} s."
    # A browser's page has its own words for 503.
    assert call(client, "slow", 0, sec_fetch_mode="cors").status_code == 429
    for _ in range(5):
        assert result(client, "quick", call(client, "quick")) == ["here"]
    release.set()
    assert sorted(result(client, "slow", answer)[0] for answer in taken) == list(range(len(taken)))
    assert result(client, "slow", call(client, "slow", 7)) == [7]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> gr.Blocks:
    data: Path = tmp_path_factory.mktemp("data")
    return build_interface(default_zoo(), Finetunes(data), "There are none in this test.")


def test_every_function_is_in_a_lane_and_long_work_in_its_own(page: gr.Blocks) -> None:
    lanes = {str(fn.api_name): fn.concurrency_id for fn in page.fns.values()}
    assert set(lanes.values()) <= set(LANES)
    assert all(fn.queue for fn in page.fns.values())
    for name, lane in LONG_WORK.items():
        if name in lanes:  # finetunes are missing here
            assert lanes[name] == lane, name
    assert {"compare", "coo", "playground", "show", "show_place"} <= lanes.keys()
    assert sum(lane.at_a_time for lane in LANES.values()) <= 40  # what Gradio runs at a time


def test_stop_cancels_before_it_says_so(page: gr.Blocks) -> None:
    # Gradio's page goes through what a click starts in this order, and waits for functions but not for cancelling.
    clicked: dict[int, list[str]] = {}
    for fn in page.fns.values():
        for block, event in fn.targets:
            if event == "click" and (fn.cancels or fn.fn is not None):
                clicked.setdefault(block, []).append("cancel" if fn.cancels else "say")
    assert [order for order in clicked.values() if "cancel" in order] == [["cancel", "say"]] * 2  # Compare and COO


@pytest.fixture
def lane() -> Callable[[str], tuple[Admission, Callable[..., None]]]:
    """Gives an admission to a page with one function, ``gr.api``'s 0, in that lane, and what puts events there."""

    def build(name: str) -> tuple[Admission, Callable[..., None]]:
        with gr.Blocks() as page:
            gr.api(lambda: "", api_name="some", concurrency_id=name)
        assign_lanes(page)
        page.queue()
        (fn,) = page.fns.values()
        page._queue.create_event_queue_for_fn(fn)

        def wait(session: str, seconds: float = 0.0, count: int = 1) -> None:
            for _ in range(count):
                event = gr.queueing.Event(session, fn, None, None)
                event.enqueue_time -= seconds
                page._queue.event_queue_per_concurrency_id[name].queue.append(event)

        return Admission(page), wait

    return build


OpenLane = Callable[[str], tuple[Admission, Callable[..., None]]]


def test_the_time_to_wait_is_as_long_as_such_events_took(lane: OpenLane) -> None:
    admission, wait = lane("networks")
    for number in range(SLOW.room):
        wait(f"visitor {number}")
    told = "Busy: many visitors are here. Try again in about {} s."
    assert admission.refusal(0) == (told.format(80), SLOW.room * SLOW.guess / SLOW.at_a_time)
    page = admission._page
    page._queue.process_time_per_fn[page.fns[0]].add(3.0)
    assert admission.refusal(0) == (told.format(24), SLOW.room * 3 / SLOW.at_a_time)


def test_what_was_let_in_counts_before_gradio_has_it_in_its_queue(lane: OpenLane) -> None:
    admission, _ = lane("networks")
    with ExitStack() as under_way:
        for number in range(SLOW.room):
            assert admission.refusal(0, f"visitor {number}") is None
            under_way.enter_context(admission.entering(0, f"visitor {number}"))
        sentence, seconds = admission.refusal(0, "one more") or ("", 0)
        assert sentence.startswith("Busy") and seconds == SLOW.room * SLOW.guess
    assert admission.refusal(0, "one more") is None


def test_where_nobody_else_is_no_wait_is_too_long_and_others_are_told(lane: OpenLane) -> None:
    admission, wait = lane(LIVE)
    wait("mine", 3.0)
    assert admission.refusal(0, "mine") is None
    wait("mine")
    assert admission.refusal(0, "mine") is None
    for other in ("another", None):
        sentence, seconds = admission.refusal(0, other) or ("", 0)
        assert sentence == "Busy: many visitors are here. Try again in about 1 s." and seconds == 1


def test_whoever_keeps_a_lane_slow_makes_way_for_those_who_were_turned_away(
    lane: OpenLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission, wait = lane(LIVE)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    wait("flood", 3.0)
    assert admission.refusal(0, "another") is not None
    assert admission.refusal(0, "flood") is not None  # another is there
    now += 1 + SLACK  # what the other was told, and some more
    assert admission.refusal(0, "flood") is None  # gone again


def test_one_visitor_leaves_room_for_another_and_is_not_told_of_others(lane: OpenLane) -> None:
    admission, wait = lane(LIVE)
    share = LANES[LIVE].share
    wait("greedy", count=share - 1)
    assert admission.refusal(0, "greedy") is None
    wait("greedy")
    sentence, _ = admission.refusal(0, "greedy") or ("", 0)
    assert sentence == f"{share} requests of yours are waiting here already. Try again in about 1 s."
    assert share < LANES[LIVE].room and admission.refusal(0, "another") is None


def test_a_newer_event_takes_the_place_of_ones_own_that_still_waits() -> None:
    release, ran = threading.Event(), []

    def hold() -> None:
        release.wait(60)

    def show(value: str) -> str:
        ran.append(value)
        return value

    with gr.Blocks() as page:
        gr.api(hold, api_name="hold")
        box, shown = gr.Textbox(), gr.Textbox()
        box.change(show, box, shown, trigger_mode="always_last", api_visibility="private")
    with served_functions(page) as client:
        for _ in range(LANES[LIVE].at_a_time):
            call(client, "hold")
        wait_for(lambda: not page._queue.event_queue_per_concurrency_id[LIVE].queue)
        events = [join(client, 1, "mine", value) for value in "abc"] + [join(client, 1, "another", "d")]
        (lane,) = page._queue.event_queue_per_concurrency_id.values()
        assert [event._id for event in lane.queue] == events[2:]
        release.set()
        answers = completed(client, "mine", 3)
        wait_for(lambda: len(ran) == 2)
    assert [answers[event] for event in events[:3]] == [[gr.skip()], [gr.skip()], ["c"]]
    assert sorted(ran) == ["c", "d"]


def join(client: httpx.Client, fn_index: int, session: str, value: str) -> str:
    answer = client.post("queue/join", json={"fn_index": fn_index, "data": [value], "session_hash": session})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["event_id"])


def completed(client: httpx.Client, session: str, count: int) -> dict[str, list[object]]:
    """Event -> data, of the first ``count`` that end well."""
    found: dict[str, list[object]] = {}
    with client.stream("GET", "queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line[6:]) if line.startswith("data: ") else {}
            if message.get("msg") == "process_completed":
                assert message["success"], message
                found[message["event_id"]] = message["output"]["data"]
                if len(found) == count:
                    break
    return found


def test_a_lane_that_does_not_exist_is_refused() -> None:
    with gr.Blocks() as wrong:
        gr.api(lambda: "", api_name="lost", concurrency_id="no such lane")
    with pytest.raises(ValueError, match="lost is in the lane 'no such lane'"):
        assign_lanes(wrong)


def test_comparisons_have_all_cores_and_sliders_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 6)
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)

    def pieces() -> Iterator[int]:
        yield from (1, 2)

    with gr.Blocks() as some:
        gr.api(pieces, api_name="comparison", concurrency_id="networks")
        gr.api(lambda: 3, api_name="slider")
    assign_lanes(some)
    comparison, slider = (fn.fn for fn in some.fns.values())
    assert list(comparison()) == [1, 2] and asked == [6] * 3  # each piece may run in another thread
    asked.clear()
    assert slider() == 3 and asked == [1]

"""Whatever is sent as a value: a result or one sentence, from every function, and an end to every stream."""

import asyncio
import copy
import json
import math
import re
import threading
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import asdict, is_dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from conftest import ROOT, sample_photo
from gradio.data_classes import FileData
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from served_app import served_functions

from decloss.evaluation import scores as evaluation
from decloss.jobs.queue import Finetunes
from decloss.ui.compare import closer_look
from decloss.ui.coo import endpoint as api_coo
from decloss.ui.coo.endpoint import make_coo
from decloss.ui.interface import build_interface
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number
from decloss.ui.parts.tab import Networks
from decloss.ui.playground.endpoint import playground
from decloss.ui.serving.gradio_patches import FAILED, Page, VisitorState
from decloss.views.projection import Progress, Projection
from decloss.zoo.registry import BICUBIC, Zoo, default_zoo

CASES, FOLLOWED = 200, 20
MORE, FEWER = 100, -1
PUBLIC = ("compare", "frequency", "contrast", "coo", "playground", "paper", "finetune", "finetune_status")
DATA_URL = "data:image/png;base64,iVBORw0KGgo="
NONSENSE = [
    None, True, False, math.nan, math.inf, -math.inf, -0.0, 1e308, -1, 0, 0.5, 3.0, 3.5, 10**12, 10**400, "", "bicubic",
    "50", "NaN", "../../etc/passwd", "/etc/passwd", str(ROOT / "app.py"), "x" * 5000, "\x00", "é\u202e\U0001f600",
    "<img src=x onerror=alert(1)>", "'; DROP TABLE jobs; --", "{0.__class__}", DATA_URL, "data:text/html,<p>", [], [[]],
    ["bicubic"] * 9, [None], [["bicubic"]], [{}], [1e308, math.nan], {}, {"path": None}, {"path": "/etc/passwd"},
    {"path": "x", "meta": {"_type": "gradio.FileData"}}, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    {"path": "a", "url": DATA_URL, "meta": {"_type": "gradio.FileData"}}, {"url": DATA_URL}, {"__type__": "update"},
    {"path": ["x"], "meta": 3}, {"value": {"value": {"value": 1}}}, {"": {"a": [[[[[[1]]]]]]}}, [[[[[["deep"]]]]]],
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abpath_", max_size=4), inner, max_size=3),
    max_leaves=6,
)
SENSE = [
    0, 1, 2, 4, 8, 12, 16, 24, 30, 50, 50.0, 64, 0.1, 0.25, 0.5, 200, 256, "bicubic", "tiny-a", "broken", ["bicubic"],
    ["tiny-a", "bicubic"], "inside", "outside", "MSE", "L1", "DECLoss", "table 2", "claims", "Set5", "Raw", "dB",
    "share", "my photos", "Upscale this", "8", "shifted", "mean", "At random",
]  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[int, Any]]:
    """A few values by their place, counted around; seldom also one for a place that there is not, or one too few."""
    value = st.sampled_from(SENSE) | st.sampled_from(NONSENSE) | JSON
    many = draw(st.lists(st.tuples(st.integers(0, 99), value), max_size=4))
    odd = draw(st.sampled_from([None] * 18 + [MORE, FEWER]))
    return many if odd is None else [*many, (odd, None)]


@pytest.fixture(scope="module")
def page(tiny_checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[gr.Blocks]:
    """The page over tiny networks; what would compute for long is not begun, all else is real."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(Finetunes, "_enqueue", lambda *_: None)  # it stays waiting
        patch.setattr(evaluation, "lpips", lambda sr, hr: (sr - hr).abs().mean())
        patch.setattr(closer_look, "MAP_SIDE", 64)  # pictures that are soon encoded
        (data / "jobs").mkdir()
        yield build_interface(Zoo((tiny_checkpoints,)), Finetunes(data), "")


def at_once(vectors: Any, perplexity: float, seed: int) -> Iterator[Progress]:
    yield Progress(0.5, None)
    return Projection(vectors[:, :2].astype(float), 0.9)


@pytest.fixture(scope="module")
def photo(page: gr.Blocks) -> dict[str, Any]:
    """A photo as an upload lies on the server."""
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    Image.fromarray(sample_photo(64, 64)).save(folder / "photo.png")
    return FileData(path=str(folder / "photo.png")).model_dump()


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Runs a coroutine in a loop of its own thread; what has not ended after a minute hangs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def call(
    page: gr.Blocks, fn: Any, data: list[Any], state: VisitorState, event: Any = None, most: int = 99
) -> Any:
    """What one event comes to: the data of each piece, up to ``most`` of them, or the sentence of its error."""
    pieces: list[Any] = []
    iterator: AsyncIterator[Any] | None = None
    try:
        while len(pieces) < most:
            data_of = gr.EventData(None, event)
            done = await page.process_api(fn, list(data), state=state, iterator=iterator, event_data=data_of)
            iterator = done["iterator"]
            pieces.append(done["data"])
            if iterator is None:
                break
    except gr.Error as error:
        return "its traceback goes into the log" if error.print_exception else error.message
    finally:
        if iterator is not None:
            await iterator.aclose()
    json.dumps(pieces, default=lambda value: asdict(value) if is_dataclass(value) else value.model_dump())
    return pieces


def assert_sentence(told: Any, where: str) -> None:
    assert isinstance(told, str) and re.fullmatch(r"\S[^\n]*[.!?]", told), (where, told)
    assert told != FAILED, (where, "our code stumbled; see the log")
    for secret in ("Traceback", 'File "', "Error:", "site-packages", str(ROOT), "/tmp", get_upload_folder()):
        assert secret not in told, (where, told)
    assert len(told) < 1000, where


def function(page: gr.Blocks, name: str) -> Any:
    return next(fn for fn in page.fns.values() if fn.api_name == name)


def usual(page: gr.Blocks, name: str, photo: dict[str, Any]) -> list[Any]:
    """Values that the function takes, all of which are soon computed."""
    quick = {"photo": photo, "checkpoints": ["bicubic"], "number": 200, "side": 256, "job": "x"}
    quick |= {"playground": {"steps": 10}, "finetune": {"start": "tiny-a"}}.get(name, {})
    parameters = page.get_api_info()["named_endpoints"][f"/{name}"]["parameters"]
    known = {each["parameter_name"]: each["parameter_default"] for each in parameters}
    given_values = iter({key: quick.get(key, value) for key, value in known.items()}.values())
    return [None if block.skip_api else next(given_values) for block in function(page, name).inputs]


def changed(values: list[Any], places: list[tuple[int, Any]]) -> list[Any]:
    found = list(values)
    for place, value in places:
        if place == MORE:
            found.append(value)
        elif place == FEWER:
            found.pop()
        else:
            found[place % len(values)] = value
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_whatever_a_public_function_gets_it_answers_with_a_result_or_one_sentence(
    page: gr.Blocks, photo: dict[str, Any], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(api_coo, "project", at_once)
    fn, values, state = function(page, name), usual(page, name, photo), VisitorState(page)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=CASES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(changes())
    def drive(places: list[tuple[int, Any]]) -> None:
        # Every value is read before the first piece is there; after many, the other pieces are no news.
        found = run(call(page, fn, changed(values, places), state, most=99 if seen["results"] < FOLLOWED else 1))
        seen["all"] += 1
        if isinstance(found, list):
            seen["results"] += 1
        else:
            assert_sentence(found, f"{name}: {places!r}"[:500])

    drive()
    assert seen["all"] >= CASES, seen
    least = {"finetune_status": 0, "finetune": 1}  # none is there, and one waits for its turn
    assert seen["results"] >= least.get(name, 10), seen  # or all cases would be refused at the door
    assert seen["all"] - seen["results"] >= CASES // 4, seen


def test_whatever_the_functions_of_the_page_get_they_answer_with_a_result_or_one_sentence(
    page: gr.Blocks, photo: dict[str, Any], run: Callable[..., Any]
) -> None:
    private = [fn for fn in page.fns.values() if fn.fn is not None and fn.api_visibility != "public"]
    assert len(private) > 80
    state = VisitorState(page)
    # A visitor who has chosen a photo, compared, and looked at contrasts: nonsense is not refused for want of these.
    for name in ("show_place", "compare", "show"):
        fn = function(page, name)
        data = [
            photo if block.label and "Photo" in block.label else getattr(block, "value", None) for block in fn.inputs
        ]
        assert isinstance(run(call(page, fn, data, state)), list), name
    states = [state[block._id] for name in ("show_first", "show_row") for block in function(page, name).inputs[:1]]
    assert len(states) == 2 and None not in states
    values = [None, True, math.nan, 10**400, "x" * 3000, [], {}, [[["x"]]], {"path": "/etc"}]
    clicks = [3, None, ["x", {}], [math.nan, 1e308], [0.5, 1e4]]
    for fn in private:
        theirs = [block for block in fn.inputs if not block.stateful]
        for count, value in enumerate(values if theirs or fn.collects_event_data else values[:1]):
            event = {"index": clicks[count % len(clicks)], "value": None}
            visitor = copy.copy(state)
            visitor.state_data = dict(state.state_data)
            found = run(call(page, fn, [value] * len(fn.inputs), visitor, event, most=1))
            if not isinstance(found, list):
                assert_sentence(found, f"{fn.api_name}: {value!r}"[:200])
        assert_sentence(run(call(page, fn, [None] * (len(fn.inputs) + 1), state)), str(fn.api_name))


def bodies(names: dict[str, int]) -> Iterator[tuple[str, Any]]:
    """What is no call, or one with nonsense: (path, body)."""
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    good = {"data": ["table 1", "BSD100"]}
    wrong: list[Any] = [
        {}, [], 1, "x", {"data": None}, {"data": {}}, {"data": "x"}, {"data": []}, {"data": [1, 2, 3]}, {"data": deep},
        {"data": ["\ud800", "Set5"]}, {"data": [math.nan, math.inf]}, {**good, "session_hash": 7}, {"data": math.nan},
        {**good, "session_hash": "a/b"}, {**good, "session_hash": "\ud800"}, {**good, "session_hash": "x" * 65},
        {"data": [None, None]}, {"data": [10**400, {}]}, {**good, "oauth_token": 3}, {"data": ["x" * 10**6, "Set5"]},
        {"data": [["table 1"], {"a": []}]}, {"\ud800": 1}, {"data": [True, False]}, {"table": "table 1", "data": 3},
    ]  # fmt: skip
    for body in wrong:
        yield "call/paper", body
        yield "call/v2/paper", body
        if isinstance(body, dict):
            yield "queue/join", {"fn_index": names["paper"], "session_hash": uuid.uuid4().hex, **body}
        yield "cancel", body
        yield "reset", body
    for fn_index in (None, "0", -1, 10**6, 10**400, 1.5, True, [], math.nan):
        yield "queue/join", {**good, "session_hash": uuid.uuid4().hex, "fn_index": fn_index}
    for event in (None, 3, "x", [], {}, {"index": 1}, {"index": None, "value": None}, {"index": deep, "value": 1}):
        body = {"data": [], "fn_index": names["choose_example"], "event_data": event}
        yield "queue/join", {**body, "session_hash": uuid.uuid4().hex}
    for more in ({"trigger_id": "x"}, {"trigger_id": 10**400}, {"batched": True}, {"event_id": "a b"}, {"event_id": 3},
                 {"simple_format": True}, {"simple_format": "x"}):  # fmt: skip
        yield "queue/join", {**good, "session_hash": uuid.uuid4().hex, "fn_index": names["paper"], **more}
    for name in PUBLIC:
        for value in (None, math.nan, "x", [], {"path": "/etc/passwd"}):
            yield f"call/v2/{name}", {"x": value, "no such": value}
            yield f"call/{name}", {"data": [value] * 3}
    yield "cancel", {"session_hash": "s", "fn_index": 10**400, "event_id": "e"}
    yield "cancel", {"session_hash": "\ud800", "fn_index": 1, "event_id": "e"}


def test_no_body_is_a_500_and_every_stream_ends(app_url: str) -> None:
    told: Counter[int] = Counter()
    with httpx.Client(base_url=app_url, timeout=60) as http:
        names = {entry["api_name"]: entry["id"] for entry in http.get("config").json()["dependencies"]}
        for path, body in bodies(names):
            sent = {"content": json.dumps(body), "headers": {"content-type": "application/json"}}
            answer = http.post(f"gradio_api/{path}", **sent)
            where = f"{path}: {body!r}"[:300]
            told[answer.status_code] += 1
            assert answer.status_code < 500, (where, answer.text)
            if answer.status_code != 200:
                assert_sentence(answer.json()["error"], where)
                continue
            if "event_id" not in answer.json():
                continue
            event = answer.json()["event_id"]
            stream = f"queue/data?session_hash={body['session_hash']}" if path == "queue/join" else f"{path}/{event}"
            heard = http.get(f"gradio_api/{stream}").text
            assert re.search(r"close_stream|event: (complete|error)", heard), where
            assert "Traceback" not in heard and FAILED not in heard, where
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            for content in (b'{"data": []}', b"\xff\xfe{\x00}\x00", b"\xff"):
                for path in ("call/paper", "queue/join", "cancel"):
                    answer = http.post(f"gradio_api/{path}", content=content, headers={"content-type": kind})
                    assert answer.status_code == 415 and "JSON" in answer.json()["detail"], (path, kind)
    assert told[422] > 100 and told[200] > 10, told


def test_the_client_tells_what_was_refused_at_the_door(app_url: str) -> None:
    client = Client(app_url, verbose=False)
    with pytest.raises(ValueError, match=r"Addresses are not fetched here: upload the file\."):
        client.predict(photo=handle_file("http://127.0.0.1:1/photo.png"), api_name="/frequency")


@pytest.fixture
def small_app() -> Iterator[tuple[httpx.Client, threading.Event, list[Any]]]:
    """``coo`` and ``playground`` alone; the event is set when their generator is closed, the list has its pieces."""
    closed, pieces = threading.Event(), []
    zoo = default_zoo()
    networks = Networks(zoo, [BICUBIC], zoo.load)

    def watched(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        @wraps(function)
        def go(*values: Any) -> Iterator[Any]:
            try:
                for piece in function(*values):
                    pieces.append(piece)
                    yield piece
            finally:
                closed.set()

        return go

    with Page() as page:
        gr.api(watched(make_coo(networks)), api_name="coo")
        gr.api(watched(playground), api_name="playground")
    with served_functions(page) as client:
        yield client, closed, pieces


@pytest.mark.parametrize("name", ["coo", "playground"])
def test_who_leaves_in_the_middle_ends_the_work(
    small_app: tuple[httpx.Client, threading.Event, list[Any]], tmp_path: Path, name: str
) -> None:
    client, closed, pieces = small_app
    Image.fromarray(sample_photo(192, 192)).save(tmp_path / "photo.png")
    with (tmp_path / "photo.png").open("rb") as file:
        (path,) = client.post("upload", files={"files": file}).json()
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    asked = {
        "coo": {"photo": photo, "checkpoints": ["bicubic"], "number": 3000, "patch_size": 4},
        "playground": {"steps": 1000, "loss": "L1 + DECLoss", "patch_size": 8},
    }[name]
    event = client.post(f"call/v2/{name}", json=asked).json()["event_id"]
    with client.stream("GET", f"call/{name}/{event}") as answer:
        assert any(line == "event: generating" for line in answer.iter_lines())
    assert closed.wait(30)
    last = pieces[-1]
    assert last["map"] is None and last["progress"] < 1 if name == "coo" else last["steps"] < 1000


def test_numbers_that_count_things_are_whole_and_others_are_any_finite_ones_in_range() -> None:
    assert check_count(3.0, "N", 1, 8) == 3 and isinstance(check_count(3.0, "N", 1, 8), int)
    assert check_number(0.123, "x", 0, 1) == 0.123
    assert math.copysign(1, check_number(-0.0, "x", 0, 1)) == 1
    for value, sentence in (
        (2.5, "N must be a whole number, got 2.5."), (9, "N must be from 1 to 8, got 9."),
        (10**400, "N must be a number from 1 to 8."), (math.nan, "N must be a number from 1 to 8."),
        (True, "N must be a number from 1 to 8."), ("3", "N must be a number from 1 to 8."),
    ):  # fmt: skip
        with pytest.raises(gr.Error) as error:
            check_count(value, "N", 1, 8)
        assert error.value.message == sentence
    with pytest.raises(gr.Error, match=r"must be a multiple of 4, got 258\."):
        check_count(258, "The size", 256, 2048, 4)


@pytest.mark.parametrize("check", [partial(check_choice, choices=["a"]), partial(check_choices, choices=["a"])])
@pytest.mark.parametrize("value", [{}, [{}], [["a"]], {"a": 1}, None, "b", ["b"], [None]], ids=str)
def test_choices_that_cannot_even_be_looked_up_are_refused(check: Callable[..., Any], value: Any) -> None:
    with pytest.raises(gr.Error, match=r"must be one of: a\.|at least one"):
        check(value, "It")

"""The scripts of Gradio's that are served with other pieces do what the installed ones do, and what those should."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import gradio as gr
import httpx
import pytest
from browser_page import WAIT, wait_until
from playwright.sync_api import Browser, Response, Route, expect
from served_app import served_functions

from decloss.ui.serving.gradio_scripts import FIND, PIECES, TIMES, replaced, served_scripts

FINDING, AGAIN, TRIGGERS = FIND
ASK = """({find, triggers, root, ids, dependencies}) => new Function("root", "ids", "dependencies", `
  ${find}
  const triggersAt = (e, t) => { ${triggers} return n; };
  return [ids.map((id) => Z(root, id)), ids.map((id) => triggersAt({id}, dependencies))];
`)(root, ids, dependencies)"""
COUNT_COPIES = """
  const copy = structuredClone;
  window.copies = 0;
  window.structuredClone = (...given) => { window.copies++; return copy(...given); };
"""
GROW = """({find, again}) => new Function(`
  ${find}
  const root = {id: 0, children: [{id: 1, children: []}]};
  const before = Z(root, 2), a = root.children[0], i = {children: [{id: 2}]};
  ${again}0;
  return [before, Z(root, 2)];
`)()"""


def test_the_installed_gradio_has_the_scripts_and_any_other_text_is_left_alone() -> None:
    kinds = [path.removeprefix("/assets/").partition("-")[0] for path in served_scripts()]
    assert kinds == list(PIECES), f"Gradio {gr.__version__} has other scripts: read them, and write the pieces anew"
    for kind, (text, _) in zip(kinds, served_scripts().values(), strict=True):
        for _, better in PIECES[kind]:
            times = sum(TIMES[piece] for piece, other in PIECES[kind] if better in other)
            assert text.decode().count(better) == times
        assert replaced(kind, "") is None and replaced(kind, text.decode()) is None
        known = "".join(piece * TIMES[piece] for piece, _ in PIECES[kind])
        assert replaced(kind, known) == "".join(better * TIMES[piece] for piece, better in PIECES[kind])
        assert replaced(kind, known + PIECES[kind][0][0]) is None


def test_they_are_what_the_page_gets(app_url: str, browser: Browser) -> None:
    page, answers = browser.new_page(), dict[str, Response]()
    page.on("response", lambda answer: answers.update({answer.url: answer}))
    page.goto(app_url)
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    got = {path: answers[f"{app_url.rstrip('/')}{path}"].body() for path in served_scripts()}
    page.close()
    with httpx.Client(base_url=app_url, timeout=60) as web:
        for path, (text, _) in served_scripts().items():
            assert got[path] == text
            for encodings in ("gzip, deflate", "identity"):
                answer = web.get(path, headers={"accept-encoding": encodings})
                assert answer.status_code == 200 and answer.content == text
                assert answer.headers["content-type"].startswith("text/javascript")
                assert ("content-encoding" in answer.headers) == (encodings != "identity")
                assert answer.headers["x-content-type-options"] == "nosniff"
            assert web.post(path).status_code in (404, 405)


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_the_components_and_their_events_that_gradio_finds(browser: Browser, seed: int) -> None:
    rng = random.Random(seed)
    ids = iter(rng.sample(range(1000), 200))

    def tree(depth: int) -> dict[str, Any]:
        node: dict[str, Any] = {"id": next(ids), "value": rng.random()}
        if depth:
            node["children"] = [tree(depth - 1) for _ in range(rng.randint(0, 4))]
        return node

    events = ("change", "input", "click", "", None)
    given = {
        "root": {"id": next(ids), "children": [tree(3) for _ in range(2)]},
        "dependencies": [
            {"targets": [[rng.randrange(40), rng.choice(events)] for _ in range(rng.randint(0, 6))]} for _ in range(60)
        ],
        "ids": list(range(1000)),
    }
    page = browser.new_page()
    plain, quick = (
        page.evaluate(ASK, {"find": FINDING[which], "triggers": TRIGGERS[which], **given}) for which in (0, 1)
    )
    page.close()
    assert json.dumps(plain) == json.dumps(quick)
    assert sum(found is not None for found in plain[0]) > 3 and sum(map(bool, plain[1])) > 20


def test_what_is_drawn_anew_is_found(browser: Browser) -> None:
    page = browser.new_page()
    for which in (0, 1):
        again = AGAIN[which]
        assert page.evaluate(GROW, {"find": FINDING[which], "again": again}) == [None, {"id": 2}]
    page.close()


def test_an_event_s_status_copies_no_values_and_what_is_hidden_and_shown_again_has_what_was_typed(
    browser: Browser,
) -> None:
    with gr.Blocks() as blocks:
        with gr.Column() as column:
            gr.HTML(list(range(5000)), html_template="<b>${value.length} numbers</b>")
            gr.Textbox(elem_id="typed")
        done = gr.Textbox(elem_id="done")
        for name, answer in (
            ("Work", gr.skip()),
            ("Hide", gr.Column(visible=False)),
            ("Show", gr.Column(visible=True)),
        ):
            gr.Button(name).click(lambda name=name, answer=answer: (answer, name), None, [column, done])
    with served_functions(blocks) as client:
        page = browser.new_page()
        page.add_init_script(COUNT_COPIES)
        page.goto(str(client.base_url.join("..")))
        expect(page.get_by_text("5000 numbers")).to_be_visible(timeout=WAIT)
        page.locator("#typed textarea").fill("what was typed")
        copies = []
        for name in ("Work", "Hide", "Show"):
            before = page.evaluate("copies")
            page.get_by_role("button", name=name, exact=True).click()
            expect(page.locator("#done textarea")).to_have_value(name, timeout=WAIT)
            copies.append(page.evaluate("copies") - before)
        expect(page.locator("#typed textarea")).to_have_value("what was typed", timeout=WAIT)
        page.close()
    assert copies[0] < 1000 < copies[1]  # what goes is copied, so that it can come back


def test_functions_of_one_event_that_wait_do_not_start_each_other_without_end(browser: Browser) -> None:
    called = Counter[str]()

    def listener(name: str) -> Any:
        def work(value: float) -> str:
            called[name] += 1
            time.sleep(0.3)
            return f"{name} {value}"

        return work

    with gr.Blocks() as blocks:
        number, button = gr.Number(visible=False), gr.Button("Go")
        button.click(time.time, None, number, trigger_mode="multiple")
        seen = [gr.Textbox(elem_id=f"seen-{name}") for name in "ab"]
        for name, box in zip("ab", seen, strict=True):
            number.change(listener(name), number, box, trigger_mode="always_last")
    with served_functions(blocks) as client:
        page = browser.new_page()
        page.goto(str(client.base_url.join("..")))
        for _ in range(3):
            page.get_by_role("button", name="Go", exact=True).click()
            page.wait_for_timeout(100)
        page.wait_for_timeout(3000)
        before = called.copy()
        page.wait_for_timeout(2000)
        shown = [page.locator(f"#seen-{name} textarea").input_value().partition(" ") for name in "ab"]
        page.close()
    assert called == before and max(called.values()) <= 4
    assert [name for name, *_ in shown] == ["a", "b"] and shown[0][2] == shown[1][2]


def test_a_call_that_waited_for_one_that_fails_is_made_and_none_is_made_late(browser: Browser) -> None:
    called: list[str] = []

    def work(event: gr.SelectData) -> str:
        (value,) = event.value
        called.append(value)
        time.sleep(1)
        if value == "one":
            raise gr.Error("It fails.")
        return str(value)

    with gr.Blocks() as blocks:
        table, box = (
            gr.Dataset(components=["text"], samples=[["one"], ["two"], ["three"]]),
            gr.Textbox(elem_id="chosen"),
        )
        table.select(work, None, box, trigger_mode="always_last")
    with served_functions(blocks) as client:
        page = browser.new_page()
        page.goto(str(client.base_url.join("..")))
        page.get_by_text("one", exact=True).click()
        page.get_by_text("two", exact=True).click()
        expect(page.locator("#chosen textarea")).to_have_value("two", timeout=WAIT)
        page.get_by_text("three", exact=True).click()
        expect(page.locator("#chosen textarea")).to_have_value("three", timeout=WAIT)
        page.wait_for_timeout(1500)
        page.close()
    assert called == ["one", "two", "three"]


@pytest.mark.parametrize("slow", ["join", "reset"])
def test_stop_ends_the_call_that_is_under_way_however_slow_the_connection(browser: Browser, slow: str) -> None:
    started, at_work, ended = list[int](), list[int](), list[int]()  # the last of itself

    def count() -> Iterator[str]:
        started.append(1)
        at_work.append(1)
        try:
            for number in range(200):
                yield str(number)
                time.sleep(0.1)
            ended.append(1)
        finally:
            at_work.pop()

    with gr.Blocks() as blocks:
        box, run, stop = gr.Textbox(elem_id="count"), gr.Button("Count"), gr.Button("Stop")
        counting = run.click(count, None, box)
        stop.click(None, None, None, cancels=counting)
    with served_functions(blocks) as client:
        page = browser.new_page()

        def hold(route: Route) -> None:
            answer = route.fetch()
            page.wait_for_timeout(1000)
            route.fulfill(response=answer)

        page.goto(str(client.base_url.join("..")))
        press = {name: page.get_by_role("button", name=name, exact=True).click for name in ("Count", "Stop")}
        if slow == "join":  # Stop is pressed before the page has heard of its call
            page.route("**/queue/join*", hold)
            press["Count"]()
            page.wait_for_timeout(300)
        else:  # and here while the call before is being cancelled
            page.route("**/reset*", hold)
            press["Count"]()
            wait_until(page, lambda: at_work)
            press["Stop"]()
            wait_until(page, lambda: not at_work)
            page.wait_for_timeout(300)
            press["Count"]()
            wait_until(page, lambda: len(started) == 2)
            page.wait_for_timeout(1500)
        press["Stop"]()
        wait_until(page, lambda: started and not at_work)
        assert not ended
        page.unroute_all(behavior="wait")  # what still holds an answer comes to its end while there is a page
        page.close()

"""The script of Gradio's that is served with quicker pieces does what the one that is installed does."""

import json
import random
from typing import Any

import gradio as gr
import httpx
import pytest
from playwright.sync_api import Browser

from decloss.ui.serving.gradio_script import PIECES, quick_script, quickened

FIND, _, TRIGGERS, _ = PIECES
ASK = """({find, triggers, root, ids, dependencies}) => new Function("root", "ids", "dependencies", `
  ${find}
  const triggersAt = (e, t) => { ${triggers} return n; };
  return [ids.map((id) => Z(root, id)), ids.map((id) => triggersAt({id}, dependencies))];
`)(root, ids, dependencies)"""
GROW = """({find, again}) => new Function(`
  ${find}
  const root = {id: 0, children: [{id: 1, children: []}]};
  const before = Z(root, 2), a = root.children[0], i = {children: [{id: 2}]};
  ${again}0;
  return [before, Z(root, 2)];
`)()"""


def test_the_installed_gradio_has_the_script_and_any_other_text_is_left_alone() -> None:
    found = quick_script()
    assert found is not None, f"Gradio {gr.__version__} has another script: read it and write the pieces anew"
    text = found[1].decode()
    assert all(text.count(quicker) == 1 for _, quicker in PIECES)
    assert quickened("") is None and quickened(text) is None
    once = "".join(piece for piece, _ in PIECES)
    assert quickened(once) == "".join(quicker for _, quicker in PIECES) and quickened(2 * once) is None


def test_it_is_what_the_page_gets(app_url: str, browser: Browser) -> None:
    found = quick_script()
    assert found is not None
    path, text, _ = found
    page = browser.new_page()
    with page.expect_response(f"**{path}") as got:
        page.goto(app_url)
    assert got.value.body() == text
    page.close()
    with httpx.Client(base_url=app_url) as web:
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
    plain, quick = (page.evaluate(ASK, {"find": FIND[which], "triggers": TRIGGERS[which], **given}) for which in (0, 1))
    page.close()
    assert json.dumps(plain) == json.dumps(quick)
    assert sum(found is not None for found in plain[0]) > 3 and sum(map(bool, plain[1])) > 20


def test_what_is_drawn_anew_is_found(browser: Browser) -> None:
    page = browser.new_page()
    for which in (0, 1):
        again = PIECES[1][which]
        assert page.evaluate(GROW, {"find": FIND[which], "again": again}) == [None, {"id": 2}]
    page.close()

"""The state of a visitor: what they have is kept, what they send is not."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest
from gradio import state_holder
from gradio.state_holder import SessionState, StateHolder

from decloss.ui.serving.page import Page
from decloss.ui.serving.visitor_state import VisitorState, keep_no_pages

PHOTO = "data:image/png;base64," + "x" * 1_000_000


@pytest.fixture
def page() -> gr.Blocks:
    with Page() as page:
        text, level, count = gr.Textbox(), gr.Slider(0, 10, label="Level"), gr.State(0)
        gr.on([], lambda words: words[::-1], text, text)
        gr.on([], lambda: gr.Slider(maximum=20), None, level)
        gr.on([], lambda value, seen: (value, seen + 1), [level, count], [level, count])
    return page


@pytest.fixture
def visitors(page: gr.Blocks) -> Iterator[StateHolder]:
    """As the app keeps them."""
    before = state_holder.SessionState
    keep_no_pages()
    holder = StateHolder()
    holder.set_blocks(page)
    yield holder
    state_holder.SessionState = before


def call(page: gr.Blocks, fn: int, values: list[Any], state: SessionState) -> list[Any]:
    """In a thread of its own: a browser of another test may have left a running event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: asyncio.run(page.process_api(fn, values, state=state)))
        data: list[Any] = done.result()["data"]
    return data


def test_what_was_sent_and_answered_is_not_kept(page: gr.Blocks, visitors: StateHolder) -> None:
    state = visitors["visitor"]
    assert call(page, 0, [PHOTO], state) == [PHOTO[::-1]]
    assert isinstance(state, VisitorState) and not state.config_values
    assert "x" * 100 not in repr(vars(state))


def test_states_and_changed_controls_are_each_visitor_s_own(page: gr.Blocks, visitors: StateHolder) -> None:
    one, other = visitors["one"], visitors["other"]
    with pytest.raises(gr.Error, match="“Level” must be a number from 0 to 10"):
        call(page, 2, [15, None], one)
    call(page, 1, [], one)
    assert call(page, 2, [15, None], one)[0] == 15
    call(page, 2, [16, None], one)
    with pytest.raises(gr.Error, match="“Level” must be a number from 0 to 10"):
        call(page, 2, [15, None], other)
    assert [list(state.state_data.values()) for state in (one, other)] == [[2], []]
    assert visitors["one"] is one and not one.config_values

"""What the app replaces of Gradio, and what it reads beyond Gradio's documented interface.

A page's functions are read by ``lanes``, ``requests``, ``routes`` and ``compare/tab.py``, too. ``SECURITY.md`` says of
each replacement what would be lost without it; ``gradio_check`` looks whether all names are there: add those you use.
"""

import copy
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import gradio as gr
from PIL import Image
from pydantic import ValidationError

from decloss.files.atomic import save_in_swept_folder
from decloss.files.images import encode_png
from decloss.ui.serving.gradio_check import check_gradio
from decloss.ui.serving.uploads import LastUploads

logger = logging.getLogger(__name__)

NO_ADDRESSES = "Addresses are not fetched here: upload the file."
FAILED = "Something went wrong here; it is in the server's log."


def patch_gradio() -> None:
    """Replace what must not stay as it is in Gradio; this must be called before the page is built.

    Raises:
        UnknownGradio: if a name that is needed is missing, or has other parameters.
    """
    check_gradio()
    # Gradio would sum up its last 10,000 events after every event, for a page of statistics that is off.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    gr.processing_utils.async_ssrf_protected_get = _refuse_address
    gr.processing_utils.save_pil_to_cache = save_whole
    gr.state_holder.SessionState = VisitorState
    # No page of another origin may read an answer; Gradio sees to that only where the app is called localhost.
    gr.route_utils.CustomCORSMiddleware.is_valid_origin = lambda self, request_headers: False
    gr.routes.file_upload_statuses._signals = LastUploads()
    gr.routes.file_upload_statuses._statuses = LastUploads()


async def _refuse_address(url: str) -> Any:  # noqa: ARG001  # called like Gradio's
    """Refuse to fetch an address for a visitor, as Gradio would: it could be one that only this machine can reach."""
    raise gr.Error(NO_ADDRESSES, print_exception=False)


def save_whole(img: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
    """Save a picture as ``save_pil_to_cache`` does, but without emptying a file that others may be reading.

    Returns:
        The path of the file, which is the old one or the new one at any moment.
    """
    plain = format == "png" and img.mode == "RGB"  # all of ours are; Gradio's own encoding takes twice as long
    content = encode_png(img) if plain else gr.processing_utils.encode_pil_to_bytes(img, format)
    return _save(content, Path(cache_dir), f"{name}.{format}")


def _save(content: bytes, folder: Path, name: str) -> str:
    path = (folder / gr.processing_utils.hash_bytes(content) / name).resolve()
    save_in_swept_folder(path, content)
    return str(path)


# If Gradio lacks this class, ``patch_gradio`` must say so, not the import of this file.
_SessionState: Any = getattr(gr.state_holder, "SessionState", object)


class VisitorState(_SessionState):
    """What the server keeps of an open page: its states and changed controls.

    Gradio's own also keeps every component of the page with its last value, for links to a page's state, which this
    app does not have: half a megabyte and tens of milliseconds a visitor, in which nobody is answered.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        """Do nothing, since no component is kept."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Do nothing, since no component is kept."""


class Page(gr.Blocks):
    """``gr.Blocks`` whose events end with a result or with a ``gr.Error`` for the visitor, and never with another one.

    A traceback is printed into the server's log only where the fault is ours.
    """

    async def process_api(self, block_fn: Any, *values: Any, **named: Any) -> dict[str, Any]:
        """Run one event, or one more piece of it."""
        try:
            return await super().process_api(block_fn, *values, **named)
        except gr.Error as error:  # it is meant for the visitor
            error.print_exception = False
            raise
        except Exception as error:
            logger.exception("%s failed", getattr(block_fn, "api_name", block_fn))
            raise gr.Error(FAILED, print_exception=False) from error

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """Return what components make of the values sent; each is asked alone, so that an error names the right one."""
        blocks = block_fn.inputs
        if not isinstance(inputs, list) or len(inputs) != len(blocks):
            raise gr.Error(f"This function takes {len(blocks)} values.")
        processed = []
        for index, (block, value) in enumerate(zip(blocks, inputs, strict=True)):
            alone = copy.copy(block_fn)
            alone.inputs = [block]
            alone.component_prop_inputs = [0] if index in block_fn.component_prop_inputs else []
            try:
                if value is None and isinstance(block, gr.Dataset):
                    raise TypeError("Gradio's own function for a click on an example stumbles over nothing")
                processed += await super().preprocess_data(alone, [value], state, explicit_call)
            except Exception as error:
                now = block if state is None or block._id not in state else state[block._id]
                raise gr.Error(_expected(now)) from error
        return processed


def _expected(block: Any) -> str:
    """Return a sentence on what a component of Gradio's takes."""
    name = f"The value of “{block.label}”" if getattr(block, "label", None) else "A value"
    if choices := getattr(block, "choices", None):
        return f"{name} must be one of: {', '.join(str(value) for _, value in choices)}."
    low, high = getattr(block, "minimum", None), getattr(block, "maximum", None)
    if low is not None and high is not None:
        return f"{name} must be a number from {low:g} to {high:g}."
    return f"{name} does not have the form that it should have."


def misfit(model: str, body: Any) -> str | None:
    """Return the field of a request's JSON that ``model`` of ``gradio.data_classes`` refuses; None if it takes all."""
    try:
        getattr(gr.data_classes, model).model_validate(body)
    except ValidationError as error:
        return str(error.errors()[0]["loc"][0])
    return None


def queue_runs(page: gr.Blocks) -> bool:
    """Return whether the queue of ``page`` is working."""
    return bool(page.is_running and not page._queue.stopped)


class Waiting(NamedTuple):
    """An event that waits in a lane."""

    fn: Any
    since: float
    """The moment when it came, on the clock ``time.monotonic``."""
    session: str


def waiting_events(page: gr.Blocks, lane: str) -> list[Waiting]:
    """Return the events that wait in ``lane``, the next one first."""
    queue = page._queue.event_queue_per_concurrency_id.get(lane)
    events = queue.queue if queue is not None else []
    return [Waiting(event.fn, event.enqueue_time, event.session_hash) for event in events]


def only_last(fn: Any) -> bool:
    """Return whether only the last of several events of ``fn`` by the same page counts."""
    return bool(fn.trigger_mode == "always_last")


def answer_outdated(page: gr.Blocks) -> None:
    """Answer "no change" to waiting events that their page has asked for again since; call this on the event loop.

    Gradio's page holds such events back, but not those that begin at the same moment, as when a link sets all controls.
    """
    queue = page._queue
    for lane in queue.event_queue_per_concurrency_id.values():
        last = {(event.fn, event.session_hash): event for event in lane.queue if only_last(event.fn)}
        for event in list(lane.queue):
            if last.get((event.fn, event.session_hash), event) is not event:
                lane.queue.remove(event)
                queue.event_ids_to_events.pop(event._id, None)
                output = {"data": [gr.skip()] * len(event.fn.outputs)}
                queue.send_message(event, gr.queueing.ProcessCompletedMessage(output=output, success=True))


def mean_seconds(page: gr.Blocks, fn: Any) -> float | None:
    """Return the seconds that an event of ``fn`` took on average; None if there was none."""
    measured = page._queue.process_time_per_fn
    return measured[fn].avg_time if fn in measured else None


def last_uses(page: gr.Blocks) -> dict[str, datetime]:
    """Return when each session that is kept was used last."""
    return dict(page.state_holder.time_last_used)


def forget_session(page: gr.Blocks, session: str) -> None:
    """Drop the states of ``session``, and its messages if all were fetched; call this on the event loop."""
    holder, queue = page.state_holder, page._queue
    with holder.lock:
        gone = holder.session_data.pop(session, None)
        holder.time_last_used.pop(session, None)
    if gone is not None:
        gone.state_data.clear()  # at once, since it holds files, and not when the garbage collector finds it
    messages = queue.pending_messages_per_session.get(session)
    if not queue.pending_event_ids_session.get(session) and (messages is None or messages.empty()):
        queue.pending_event_ids_session.pop(session, None)
        queue.pending_messages_per_session.pop(session, None)


def keep_photos_of_tools_in(folder: Path) -> None:
    """Make Gradio put photos from data URLs over MCP into ``folder``; it read its variable for that at its import."""
    gr.mcp.DEFAULT_TEMP_DIR = str(folder)


def upload_folder() -> Path:
    """Return the folder of uploads and results, from which alone Gradio serves files."""
    return Path(gr.utils.get_upload_folder())


def save_bytes(content: bytes, name: str) -> str:
    """Write ``content`` to a file called ``name`` in the ``upload_folder``, and return its path."""
    return _save(content, upload_folder(), name)


def save_copy(path: Path) -> str:
    """Copy the file ``path`` into the ``upload_folder``, and return the path of the copy."""
    return str(gr.processing_utils.save_file_to_cache(str(path), str(upload_folder())))


def describe_function(fn: Any, function: Callable[..., Any]) -> None:
    """Put the words of the docstring of ``function`` where clients of its endpoint ``fn`` look for them."""
    _, parameters, returned = gr.utils.get_function_description(function)
    for component, (name, words) in zip(fn.inputs, parameters.items(), strict=True):
        component.label = name
        component._api_info["additional_description"] = words
    for component, words in zip(fn.outputs, returned, strict=True):
        component.label, _, component._api_info["description"] = words.partition(": ")

"""Telling which bodies can be calls at all, before one waits in a queue, where Gradio would stumble over it."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from decloss.ui.serving import routes
from decloss.ui.serving.bodies import Refused, parse
from decloss.ui.serving.gradio_patches import NO_ADDRESSES, misfit

DEEPEST = 24
"""The most lists and objects inside each other; the page's own have at most a third of that."""
MOST_PARTS, LONGEST = 2000, 20_000
"""The most values in a body, and characters in a text; the page's own have a tenth of that. Two megabytes of
"[{},{},..." would take eighty in memory, as often as somebody waits in a queue."""
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""The form of the id of a session or an event."""
_CALL = re.compile(rf"{routes.API}/call/(v2/)?([a-z_]+)/?")
_OTHERS = {
    routes.JOIN: "PredictBody",
    f"{routes.API}/cancel": "CancelBody",
    f"{routes.API}/reset": "ResetBody",
    f"{routes.API}/reset/": "ResetBody",
}
"""The name of Gradio's model of what is sent to each path."""


def takes_json(path: str) -> bool:
    """Return whether what is sent to ``path`` must pass ``check_body``."""
    return path in _OTHERS or _CALL.fullmatch(path) is not None


def read_json(headers: list[tuple[bytes, bytes]], content: bytes) -> Any:
    """Return the body of a request with ``headers``; raise ``Refused`` if it is no JSON, or not declared as such."""
    if not any(name == b"content-type" and value.startswith(b"application/json") for name, value in headers):
        raise Refused(415, "What is sent here must be JSON, with the header Content-Type: application/json.")
    return parse(content)


def check_upload_id(query: bytes) -> None:
    """Raise ``Refused`` unless the query of an upload, or of a question after one, has a short plain "upload_id"."""
    for value in parse_qs(query.decode("latin-1")).get("upload_id", []):
        if not PLAIN.fullmatch(value):
            raise Refused(422, "The request's upload_id must be up to 64 letters, digits, hyphens or underscores.")


def check_body(path: str, body: Any, page: gr.Blocks) -> None:
    """Check that ``body`` is something that Gradio takes at ``path``.

    Args:
        path: the address without the root path, one that ``takes_json``.
        body: what the request's JSON says.
        page: the page whose functions are called.

    Raises:
        Refused: if it is not.
    """
    if not isinstance(body, dict):
        raise Refused(422, "The request must be a JSON object.")
    _check_parts(body)
    called = _CALL.fullmatch(path)
    if called is not None and called[1]:
        _check_names(page, called[2], body)
        return
    wrong = misfit(_OTHERS[path] if called is None else "SimplePredictBody", body)
    if wrong is not None:
        raise Refused(422, f"The request has no valid {wrong}.")
    for name in ("session_hash", "event_id"):
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and PLAIN.fullmatch(value)):
            raise Refused(422, f"The request's {name} must be up to 64 letters, digits, hyphens or underscores.")
    if called is not None:
        _check_data(page, routes.called_function(path, page), body, named=True)
    elif path == routes.JOIN:
        if body.get("session_hash") is None:
            raise Refused(422, "The request has no session_hash.")
        _check_data(page, body.get("fn_index"), body, named=False)


def _check_data(page: gr.Blocks, index: Any, body: dict[str, Any], *, named: bool) -> None:
    """Raise ``Refused`` unless there is that function and ``body`` has as many values as it takes."""
    fn = page.fns.get(index) if type(index) is int else None
    if fn is None or fn.fn is None:
        raise Refused(422, "The request names no function that there is.")
    counts = {len(fn.inputs)}
    if named:  # Gradio adds what visitors do not send: states
        counts.add(sum(not block.skip_api for block in fn.inputs))
    if len(body["data"]) not in counts:
        raise Refused(422, f"This function takes {min(counts)} values, not {len(body['data'])}.")
    event = body.get("event_data")
    if fn.collects_event_data and not (isinstance(event, dict) and {"index", "value"} <= event.keys()):
        raise Refused(422, "The request does not say what was clicked.")


def _check_names(page: gr.Blocks, name: str, body: dict[str, Any]) -> None:
    """Raise ``Refused`` unless ``body`` has the function's parameters by name."""
    known = _parameters(page)[f"/{name}"]
    unknown = [key for key in body if key not in known]
    if unknown or not all(key in body for key, needed in known.items() if needed):
        words = ", ".join(f"{key} (needed)" if needed else key for key, needed in known.items())
        raise Refused(422, f"This function's parameters are, by name: {words}.")


@lru_cache(maxsize=1)
def _parameters(page: gr.Blocks) -> dict[str, dict[str, bool]]:
    """Return, by function and parameter, whether it must be given, as Gradio will look for them."""
    return {
        name: {each["parameter_name"]: not each["parameter_has_default"] for each in endpoint["parameters"]}
        for name, endpoint in page.get_api_info()["named_endpoints"].items()
    }


def _check_parts(body: Any) -> None:
    """Raise ``Refused`` for what Gradio must not fetch, or could not afford or pass on: too deep, or no UTF-8."""
    waiting, seen = [(body, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS:
            raise Refused(422, f"The request has too many parts: at most {MOST_PARTS} are read here.")
        if depth > DEEPEST:
            raise Refused(422, f"The request is nested too deeply: at most {DEEPEST} levels are read here.")
        if isinstance(part, dict):
            path = part.get("path")
            if isinstance(path, str) and path.strip().lower().startswith(("http:", "https:")):
                raise Refused(422, NO_ADDRESSES)  # a file that Gradio would fetch
            waiting += [(inner, depth + 1) for pair in part.items() for inner in pair]
        elif isinstance(part, list):
            waiting += [(inner, depth + 1) for inner in part]
        elif isinstance(part, str):
            try:
                part.encode()
            except UnicodeEncodeError as error:  # half of a surrogate pair
                raise Refused(422, "The request has characters that are no text.") from error
            # A photo may come in a data URL, at a byte a character; an emoji makes Python take four for each.
            if len(part) > LONGEST and not (part.startswith("data:") and part.isascii()):
                raise Refused(422, f"A text in the request is too long: at most {LONGEST} characters are read here.")

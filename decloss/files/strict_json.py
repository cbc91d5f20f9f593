"""JSON of strangers: one meaning only, and nothing that breaks whoever reads, shows or writes it later."""

import json
import math
from typing import Any

MAX_DEPTH = 12
"""Of objects and lists in each other."""


def parse_json(content: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """What ``content`` says; its size is for the caller to limit.

    Raises:
        ValueError: if it is not UTF-8 or not JSON, names a thing twice in an object, is nested more than ``max_depth``
            deep, or holds numbers that are not finite, or text that cannot be written.
    """
    try:
        found = json.loads(content.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    _check(found, max_depth)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it names a thing twice")
    return found


def _constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        value.encode()  # half a character, such as "\ud800", is read but cannot be written
    elif isinstance(value, float) and not math.isfinite(value):  # 1e999
        raise ValueError("it holds a number that is not finite")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("it is nested too deep")
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(part, depth - 1)

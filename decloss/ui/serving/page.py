"""The page as Gradio builds it, but whatever goes wrong with a value is told in one sentence."""

import copy
import logging
from typing import Any

import gradio as gr

logger = logging.getLogger(__name__)

FAILED = "Something went wrong here; it is in the server's log."


class Page(gr.Blocks):
    """``gr.Blocks`` whose events end with a result or with a ``gr.Error`` for the visitor, and never with another one.

    A traceback is printed into the server's log only where something is wrong with us.
    """

    async def process_api(self, block_fn: Any, *values: Any, **named: Any) -> dict[str, Any]:
        """One event, or one more piece of it."""
        try:
            return await super().process_api(block_fn, *values, **named)
        except gr.Error as error:  # meant for the visitor
            error.print_exception = False
            raise
        except Exception as error:
            logger.exception("%s failed", getattr(block_fn, "api_name", block_fn))
            raise gr.Error(FAILED, print_exception=False) from error

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> list[Any]:
        """What components make of the values that were sent, one by one, so that a refusal names its own."""
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
    """What a component of Gradio's takes, in a sentence."""
    name = f"The value of “{block.label}”" if getattr(block, "label", None) else "A value"
    if choices := getattr(block, "choices", None):
        return f"{name} must be one of: {', '.join(str(value) for _, value in choices)}."
    low, high = getattr(block, "minimum", None), getattr(block, "maximum", None)
    if low is not None and high is not None:
        return f"{name} must be a number from {low:g} to {high:g}."
    return f"{name} does not have the form that it should have."

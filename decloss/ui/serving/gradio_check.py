"""The names of Gradio that ``gradio_patches`` replaces or reads, and the check that the installed Gradio has them.

They stand apart from their uses because they are a list to be read beside another release of Gradio.
"""

import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import gradio as gr

KNOWN = "6.31.0"
"""The release in which the names were read, and which ``requirements.txt`` asks for."""
FUNCTIONS = {
    "Blocks.process_api": "self block_fn inputs state request iterator session_hash event_id event_data "
    "in_event_listener simple_format explicit_call root_path oauth_token",
    "Blocks.preprocess_data": "self block_fn inputs state explicit_call",
    "queueing.Queue.send_message": "self event event_message",
    "processing_utils.async_ssrf_protected_get": "url",
    "processing_utils.save_pil_to_cache": "img cache_dir name format",
    "processing_utils.encode_pil_to_bytes": "pil_image format",
    "processing_utils.hash_bytes": "bytes",
    "processing_utils.save_file_to_cache": "file_path cache_dir",
    "state_holder.SessionState": "blocks",
    "state_holder.SessionState.__setitem__": "self key value",
    "state_holder.SessionState._update_config": "self key",
    "state_holder.SessionState._update_value_in_config": "self key value",
    "route_utils.CustomCORSMiddleware.is_valid_origin": "self request_headers",
    "routes.App.get_blocks": "self",
    "utils.get_upload_folder": "",
    "utils.get_function_description": "fn",
}
"""The functions below ``gradio`` that are called or replaced, and the names of their parameters."""
FIELDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "mcp": (lambda page: gr.mcp, "DEFAULT_TEMP_DIR"),
    "ProcessCompletedMessage": (
        lambda page: gr.queueing.ProcessCompletedMessage(output={}, success=True),
        "output success",
    ),
    "data_classes": (lambda page: gr.data_classes, "PredictBody SimplePredictBody CancelBody ResetBody"),
    "file_upload_statuses": (lambda page: gr.routes.file_upload_statuses, "_signals _statuses"),
    "Blocks": (lambda page: page, "default_config fns get_api_info is_running state_holder"),
    "BlockFunction": (
        lambda page: page.fns[0],
        "fn inputs outputs queue concurrency_id concurrency_limit api_name api_visibility collects_event_data "
        "component_prop_inputs trigger_mode",
    ),
    "Api": (lambda page: page.fns[0].inputs[0], "_id _api_info skip_api"),
    "Queue": (
        lambda page: page._queue,
        "stopped event_queue_per_concurrency_id process_time_per_fn pending_messages_per_session "
        "pending_event_ids_session event_ids_to_events",
    ),
    "EventQueue": (lambda page: gr.queueing.EventQueue("", 1), "queue"),
    "Event": (lambda page: gr.queueing.Event("", page.fns[0], None, None), "_id fn enqueue_time session_hash"),
    "ProcessTime": (lambda page: gr.queueing.ProcessTime(), "avg_time"),
    "StateHolder": (lambda page: gr.state_holder.StateHolder(), "session_data time_last_used lock"),
    "SessionState": (lambda page: gr.state_holder.SessionState(page), "config_values state_data"),  # noqa: PLW0108  # later
}
"""The fields that are read or set: by kind of object, how to get one from a small page, and the fields' names."""


class UnknownGradio(RuntimeError):  # noqa: N818  # it says what there is, not what was done wrong
    """The installed Gradio lacks something that this app needs; the message is one sentence."""


def check_gradio() -> None:
    """Check that every name is there as it was in ``KNOWN``.

    Raises:
        UnknownGradio: if a name is missing, or has other parameters.
    """
    if missing := _missing_names():
        raise UnknownGradio(
            f"This app knows Gradio {KNOWN}, and {gr.__version__} is installed, where these names are missing or "
            f"differ: {', '.join(missing)}."
        )


def _missing_names() -> list[str]:
    """Return the names in ``FUNCTIONS`` and ``FIELDS`` that this Gradio does not have as they were in ``KNOWN``."""

    def probe(text: str) -> str:
        return text

    missing = [name for name, parameters in FUNCTIONS.items() if _parameters(name) != parameters]
    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(probe)
    for kind, (get, names) in FIELDS.items():
        try:
            found = get(page)
        except (AttributeError, KeyError, TypeError):
            missing.append(kind)
        else:
            missing += [f"{kind}.{name}" for name in names.split() if not hasattr(found, name)]
    return missing


def _parameters(name: str) -> str | None:
    try:
        return " ".join(inspect.signature(attrgetter(name)(gr)).parameters)
    except AttributeError:
        return None

"""The form's settings as a small text: saved as a file, loaded from one, and kept by the browser over a reload."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.files.untrusted import parse_json
from decloss.ui.finetune.form import Controls, Form
from decloss.ui.finetune.presets import FIRST_WEIGHTS
from decloss.ui.parts.controls import checked

KIND = "settings of a DECLoss finetune"
"""What a file of settings says that it is."""
MOST_BYTES = 8192
"""The most bytes of such a file; what the page writes has about 600."""
FILE_NAME = "decloss-finetune.json"
REFUSED = "These settings cannot be used: {why}"


def settings_keeper() -> gr.HTML:
    """Build what reads a file and what the browser keeps, inside the current ``gr.Blocks``; it is not seen.

    Its value is {"text": what was read, "kept": whether it comes from the browser}.
    """
    return gr.HTML(
        None,
        html_template=(
            '<input type="file" accept=".json,application/json" tabindex="-1" aria-hidden="true" '
            f'data-most="{MOST_BYTES}">'
        ),
        js_on_load=(Path(__file__).parent / "saved.js").read_text(encoding="utf-8"),
        elem_id="ft-keeper",
    )


def read_saved(text: Any, starts: Sequence[str]) -> Controls:
    """Return the settings in ``text``; a setting that is not in it is as the page begins.

    Raises:
        gr.Error: for anything else than such settings; the message says what is wrong.
    """
    found = _parse(text)
    if not isinstance(found, dict) or set(found) != {"kind", "settings"} or found["kind"] != KIND:
        raise gr.Error(REFUSED.format(why=f"the file does not say that it holds the {KIND}."))
    sent = found["settings"]
    if not isinstance(sent, dict):
        raise gr.Error(REFUSED.format(why='"settings" is no object with names and values.'))
    known = list(Controls.__dataclass_fields__)
    if unknown := sorted(set(sent) - set(known)):
        raise gr.Error(REFUSED.format(why=f"there is no setting {unknown[0][:40]!r}; there are {', '.join(known)}."))
    try:
        controls = checked(
            Controls, {"start": list(starts)}, **{"start": next(iter(starts), ""), **FIRST_WEIGHTS, **sent}
        )
        _ = controls.settings  # some make no sense together
    except gr.Error as error:
        raise gr.Error(REFUSED.format(why=error.message)) from error
    return controls


def _parse(text: Any) -> Any:
    if not isinstance(text, str):
        raise gr.Error(REFUSED.format(why="they are no text."))
    content = text.encode("utf-8", errors="replace")
    if len(content) > MOST_BYTES:
        raise gr.Error(REFUSED.format(why=f"the file has more than {MOST_BYTES} bytes."))
    try:
        return parse_json(content)
    except ValueError as error:
        why = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise gr.Error(REFUSED.format(why=f"the file is no JSON as expected ({why}).")) from error


def show_saved(form: Form, sent: Any, starts: Sequence[str]) -> list[Any]:
    """Return what the form's controls and the line below show after a file was read or the page was opened again.

    Settings that the browser kept are left out without a word where they no longer fit; a file's faults are told.
    """
    found: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
    try:
        controls = read_saved(found.get("text"), starts)
    except gr.Error:
        if found.get("kept") is True:
            return [*(gr.skip() for _ in form.panel.inputs), gr.skip()]
        raise
    values = dict(zip(form.panel.controls, form.panel.shown(controls), strict=True))
    values["start"] = gr.Dropdown(list(starts), value=values["start"])
    return [*values.values(), gr.skip() if found.get("kept") is True else "The settings are loaded."]


def _script(form: Form, body: str) -> str:
    """Return JavaScript that does ``body`` with the ``text`` of the settings that are given to it as values."""
    names, kind = json.dumps(list(form.panel.controls)), json.dumps(KIND)
    return (
        "(...values) => {\n"
        f"  const settings = Object.fromEntries({names}.map((name, index) => [name, values[index]]));\n"
        f"  const text = JSON.stringify({{ kind: {kind}, settings }}, null, 2);\n"
        f"  {body}\n}}"
    )


def save_script(form: Form) -> str:
    """Return JavaScript that downloads the values of the form as a file."""
    return _script(
        form,
        'const link = document.createElement("a");\n'
        '  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));\n'
        f'  link.download = "{FILE_NAME}";\n'
        "  link.click();\n"
        "  setTimeout(() => URL.revokeObjectURL(link.href), 1000);",
    )


def keep_script(form: Form) -> str:
    """Return JavaScript with which the browser keeps the values of the form; some browsers keep nothing."""
    return _script(form, 'if (window.declossKept) try { localStorage.setItem("decloss-finetune", text); } catch {}')


CHOOSE_FILE = "() => { document.querySelector('#ft-keeper input').click(); }"
"""A script that asks for a file of settings."""

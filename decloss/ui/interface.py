"""The page: its head, its tabs, and how it is served."""

from pathlib import Path
from typing import Any

import gradio as gr

from decloss.devices import best_device, describe, resolve_precision
from decloss.ui.compare import build_compare
from decloss.ui.photo_input import MAX_FILE_BYTES
from decloss.zoo import Zoo

TITLE = "DECLoss: see what hinders perceptual quality"
INTRODUCTION = (
    "# DECLoss\n"
    "Networks trained to maximise PSNR make pictures that are *too smooth*. This page shows what differently trained "
    "×4 upscalers make of the same photo, beside bicubic and the original. After the paper *What Hinders Perceptual "
    "Quality of PSNR-oriented Methods?* (Xu et al.)."
)
# Files of results live this long in the page's cache, and are looked for this often; seconds.
KEEP_FILES = 3600
SWEEP_FILES = 600


def build_interface(zoo: Zoo) -> gr.Blocks:
    """All tabs over the checkpoints of ``zoo``."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(SWEEP_FILES, KEEP_FILES)) as page:
        gr.Markdown(INTRODUCTION, elem_id="title")
        with gr.Tab("Compare"):
            build_compare(zoo)
        gr.Markdown(_hardware(), elem_classes="caption")
    page.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    return page


def launch_options() -> dict[str, Any]:
    """Look and safety, for ``Blocks.launch``; no part of it needs the network."""
    return {
        "theme": _theme(),
        "css": (Path(__file__).parent / "style.css").read_text(),
        "max_file_size": MAX_FILE_BYTES,
        "show_error": False,
        "ssr_mode": False,
    }


def _theme() -> gr.themes.Base:
    theme = gr.themes.Default(
        primary_hue="indigo",
        secondary_hue="indigo",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    return theme.set(
        block_label_text_color="*neutral_600",
        block_title_text_weight="600",
        # The default's grey is too pale to read on white.
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
    )


def _hardware() -> str:
    device = best_device()
    precision = str(resolve_precision("auto", device)).removeprefix("torch.")
    return f"Networks run here in {precision} on: {describe(device)}."

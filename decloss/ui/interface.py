"""The page: its head, its tabs, and how it is served."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from decloss.files.images import MAX_PHOTO_BYTES
from decloss.host.kernels import keep_few_kernels
from decloss.host.where import own_state
from decloss.inference.zerogpu import place
from decloss.jobs.queue import Finetunes
from decloss.ui.blind_test.tab import build_blind_test
from decloss.ui.compare.tab import build_compare
from decloss.ui.contrast.tab import build_contrast
from decloss.ui.coo.tab import build_coo
from decloss.ui.endpoints import build_api
from decloss.ui.finetune.tab import build_finetune
from decloss.ui.frequency.tab import build_frequency
from decloss.ui.head import TITLE, build_head
from decloss.ui.paper.tab import build_paper
from decloss.ui.parts.address import Field, choice, wire_address
from decloss.ui.parts.examples import Examples, start_examples
from decloss.ui.parts.hosting import describe_hosting
from decloss.ui.parts.tab import LIVE, LOOKS, OPENING, PRIVATE, Link, Networks, Shared, Tab
from decloss.ui.parts.tally import Tallies
from decloss.ui.parts.visitor import build_mine, remember_owner
from decloss.ui.photo.panel import build_photo_panel
from decloss.ui.playground.tab import build_playground
from decloss.ui.serving.edge import Edge, Rules
from decloss.ui.serving.gradio_patches import Page, patch_gradio
from decloss.ui.serving.housekeeping import GOODBYE, keep_house
from decloss.ui.serving.lanes import assign_lanes
from decloss.ui.serving.routes import public_names
from decloss.ui.teaching.scripts import READY, build_teaching
from decloss.votes.store import VOTES, VoteStore
from decloss.zoo.registry import BICUBIC, Zoo

SOURCE = (
    "After the paper *What Hinders Perceptual Quality of PSNR-oriented Methods?* (Xu et al.). Its answer is DECLoss, a "
    "loss that compares small patches after turning their low frequencies down."
)
MOST_VISITORS = 1000
"""The most visitors whose states are kept; beyond them, whoever was away longest starts anew."""

TABS: dict[str, tuple[str, Callable[[Shared, Networks], Tab]]] = {
    "compare": ("Compare", build_compare),
    "frequency": ("Frequency", build_frequency),
    "contrast": ("Contrast", build_contrast),
    "coo": ("COO", build_coo),
    "playground": ("COO playground", build_playground),
    "finetune": ("Finetune", build_finetune),
    "blind": ("Blind test", build_blind_test),
    "paper": ("Paper", build_paper),
}
"""Each tab's title and builder by its id in the address; a new tab needs one more line here."""

RUN = """() => {
  const until = performance.now() + 30000;
  const text = (id) => document.getElementById(id)?.textContent.trim() ?? "";
  const isBusy = () => text("status").includes("Running") || text("line") !== "";
  let presses = 0; // how often the button may still be pressed, where something had to be stopped
  const run = () => {
    const button = document.getElementById("run");
    const isDrawn = button?.offsetParent && !button.disabled;
    if (isDrawn && !isBusy()) return press(button);
    if (isDrawn && !presses) {
      document.getElementById("stop").click();
      presses = 3;
    }
    if (performance.now() < until) setTimeout(run, 50);
  };
  const press = (button) => {
    const before = text("status");
    button.click();
    if (--presses > 0) setTimeout(() => !isBusy() && text("status") === before && press(button), 1000);
  };
  setTimeout(run, 50);
}"""
"""A script that starts Compare's run once its tab, which was just opened, is drawn. What runs is stopped first, since
Gradio passes over a press until that has ended, and maybe a moment longer: then the button is pressed again."""


def build_interface(zoo: Zoo, finetunes: Finetunes, missing: str = "") -> gr.Blocks:
    """Build the page over ``zoo`` and ``finetunes``; ``missing`` is a sentence on why there can be none here, or empty.

    Raises:
        UnknownGradio: if the Gradio that is installed is not the one that the app knows.
    """
    patch_gradio()
    keep_few_kernels()
    load = lru_cache(maxsize=16)(lambda name: place(zoo.load(name), zoo.paths().get(name)))
    networks = Networks(zoo, [BICUBIC, *zoo.paths()], load)
    with Page(title=TITLE, analytics_enabled=False) as page:
        build_head()
        build_teaching()
        mine = build_mine(finetunes, missing)
        results = start_examples(networks, finetunes.data)
        tallies = Tallies(VoteStore(_votes_folder(finetunes) / VOTES), networks.names, Examples(results).scores)
        panel = build_photo_panel(mine, results, tallies)
        first = next(iter(TABS))
        # It holds the open tab's id, and events that show no progress name it as the place for that: at every event
        # Gradio visits all places that were ever named, with all that is in them, and whole tabs made sliders wait.
        opened = gr.Textbox(first, visible=False)
        built: dict[str, Tab] = {}
        # With "wrap" all tabs are in the list, which the style sheet lets scroll; else some would hide in a menu.
        with gr.Tabs(selected=first, overflow_behavior="wrap", elem_id="tabs") as tabs:
            for name, (title, build) in TABS.items():
                with gr.Tab(title, id=name, elem_id=f"tab-{name}") as shown:
                    tab = built[name] = build(panel.shared, networks)
                shown.select(None, None, opened, js=f"() => window.declossSelected?.('{name}') ?? '{name}'", **LIVE)
                if tab.refresh is not None:
                    shown.select(
                        tab.refresh,
                        [panel.shared.scene, *tab.inputs],
                        list(tab.outputs),
                        show_progress_on=opened,
                        **LIVE,
                    )
        for link in (link for tab in built.values() for link in tab.links):
            targets = {field.key: field.component for field in built[link.tab].fields}
            event = getattr(link.button, link.event)
            followed = event(
                _follow(link), list(link.inputs), [tabs, opened, *map(targets.__getitem__, link.keys)], **PRIVATE
            )
            if link.runs:
                followed.success(None, None, None, js=RUN, **PRIVATE)
        gr.Markdown(f"{SOURCE} {describe_hosting(finetunes.data)}", elem_id="about", elem_classes="caption")
        fields = [*panel.place, *(field for tab in built.values() for field in tab.fields)]
        tab_field = Field("tab", opened, choice(tuple(TABS)))
        restored = wire_address(page, fields, tabs, tab_field, panel.shared.photo, panel.example)
        known = restored.then(remember_owner, mine.owner, mine.owner, **OPENING)
        known.then(mine.look_up, [mine.owner, mine.job], [mine.finished, mine.news], **OPENING)
        refreshed = {name: tab for name, tab in built.items() if tab.refresh is not None}
        inputs = [component for tab in refreshed.values() for component in tab.inputs]
        outputs = [component for tab in refreshed.values() for component in tab.outputs]
        for event in (panel.changed, panel.show(restored)):
            event.then(
                _refresh_open(refreshed),
                [opened, panel.shared.scene, *inputs],
                outputs,
                show_progress_on=opened,
                **LOOKS,
            ).then(None, None, None, js=READY, **LIVE)
        build_api(page, networks, mine)
        page.made = results.made
        page.ahead = tuple(tab.ahead for tab in built.values() if tab.ahead is not None)
    assign_lanes(page)
    page.queue(api_open=False)  # each lane has its own limit, so the queue as a whole has none
    return page


def _votes_folder(finetunes: Finetunes) -> Path:
    # SQLite is not to be trusted in a folder of another machine, so each page has votes of its own there.
    return own_state() if finetunes.line.shared else finetunes.data


def _refresh_open(tabs: Mapping[str, Tab]) -> Callable[..., Iterator[list[Any]]]:
    """Return one function for all ``tabs`` that refreshes the open one; others are refreshed when they are opened."""
    count = sum(len(tab.outputs) for tab in tabs.values())

    def refresh_open(opened: Any, scene: Any, *values: Any) -> Iterator[list[Any]]:
        rest = list(values)
        before: list[Any] = []
        for name, tab in tabs.items():
            given, rest = rest[: len(tab.inputs)], rest[len(tab.inputs) :]
            if name == opened and tab.refresh is not None:
                after = [gr.skip()] * (count - len(before) - len(tab.outputs))
                for found in _pieces(tab.refresh(scene, *given)):
                    yield [*before, *(found if len(tab.outputs) > 1 else [found]), *after]
                return
            before += [gr.skip()] * len(tab.outputs)
        yield before

    return refresh_open


def _pieces(found: Any) -> Iterator[Any]:
    """Yield what a function returned, or all that a generator function goes on to yield."""
    if inspect.isgenerator(found):
        yield from found
    else:
        yield found


def _follow(link: Link) -> Callable[..., tuple[Any, ...]]:
    return lambda *values: (gr.Tabs(selected=link.tab), link.tab, *link.values(*values))


def launch_options(page: gr.Blocks, folder: Path | None = None, *, mcp: bool = False) -> dict[str, Any]:
    """Return the options of ``page.launch`` that concern looks and safety; none of them needs the network.

    Args:
        page: the page.
        folder: the one made by ``temporary_folder``, if there is one.
        mcp: whether the tools for language models are served as well.
    """
    housekeeping, sweeper = keep_house(page, folder)
    room = sweeper.room_for_uploads if sweeper is not None else lambda: True
    edge = Middleware(Edge, rules=Rules(page, public_names(page), mcp, room, page.made))
    return {
        "app_kwargs": {"middleware": [edge, housekeeping]},
        "theme": _theme(),
        "css": _texts("style.css") + _texts("*/*.css"),
        "js": f"() => {{ ({GOODBYE})(); ({_texts('parts/accessible.js')})(); }}",
        "max_file_size": MAX_PHOTO_BYTES,
        "show_error": False,
        "ssr_mode": False,
        "enable_monitoring": False,
        "state_session_capacity": MOST_VISITORS,
    }


def _texts(pattern: str) -> str:
    """Return the text of all files beside this one that fit ``pattern``, in the order of their paths."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob(pattern)))


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
        # White on the default's indigo has a contrast of 4.46, and its links on dark 4.27; 4.5 is the least to read.
        color_accent="#5f61ee",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
        link_text_color_visited="*secondary_600",
        link_text_color_dark="*secondary_300",
        link_text_color_hover_dark="*secondary_200",
        link_text_color_active_dark="*secondary_300",
        link_text_color_visited_dark="*secondary_300",
    )

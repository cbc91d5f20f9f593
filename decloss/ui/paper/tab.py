"""The Paper tab: the paper's tables and figures beside ours, and how we read the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from matplotlib.figure import Figure

from decloss.figures.themed import themed_svg
from decloss.results.claims import claims_table
from decloss.results.curves import curves_table
from decloss.results.pictures import LOOK_FOR, curve_panels, figure_5, figure_6, figure_curves
from decloss.results.stored import ROOT, Stored, load_stored
from decloss.results.table import Table
from decloss.results.tables import table_1, table_2, table_3
from decloss.results.twins import twins_table
from decloss.ui.paper.eye import with_eye
from decloss.ui.paper.table import results_table
from decloss.ui.parts.address import SEPARATOR
from decloss.ui.parts.checks import check_choice, check_choices
from decloss.ui.parts.controls import Choice
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LIVE, PAIR, Link, Networks, Shared, Tab
from decloss.ui.parts.tally import Tallies
from decloss.views.scene import Scene

INTRODUCTION = """
The paper claims that DECLoss makes pictures that look better (lower LPIPS) and lie less in the centre of all that would
fit (lower ICOO), without an adversary. Here are its numbers beside ours, which are measured on other data and after far
shorter training, so compare the **order of the rows**, not the digits. A claim, or a network's name, opens its two
networks in Compare and runs them; Back returns here.
"""
FORMULA = r"$$ L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$"
READING = """
- **The mask suppresses low frequencies** only on a spectrum whose DC is at the corner, as a Fourier transform comes.
  [See it in Frequency](?tab=frequency).
- **α, μ and η have no value in the paper.** α and η are one knob; a fixed η means something else at every μ.
  [See it in Contrast](?tab=contrast).
- **The temperatures are printed outside the exponent:** there they have no gradient at all, so Fig. 6 must be flat.
  SimCLR, which the paper follows, divides inside, and that does change the training.
- **ICOO falls for better pictures** only if SR and HR patches are cut at independent places. HR against itself is its
  floor. [See it in COO](?tab=coo).
- **Table 2 and the text disagree:** LPIPS falls with larger mini-patches, the conclusion praises smaller ones.
- **PSNR must be on RGB:** the paper's bicubic has 24.65 dB on BSD100, ours 24.64 on RGB and 25.96 on luma.
"""
SCRIPT, COMPARE = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("sort.js", "compare.js"))
PAGE = ROOT / "docs" / "reading-the-paper.md"
FIVE, SIX = "ICOO against LPIPS, a point a model", "LPIPS over the temperatures in both readings"
"""Both figures in words, for those who do not see them."""
ALONG = "PSNR against LPIPS, along the weights"
"""The heading of the curves, and the beginning of each one's words."""


@dataclass(frozen=True)
class Controls:
    """The one control of the tab, whose choices are the benchmarks that were measured."""

    data: Annotated[str, Choice("Our numbers on", info="The paper's stay as they are printed.", name="The benchmark")]


def build_paper(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire its events."""
    gr.Markdown(INTRODUCTION)
    try:
        stored = load_stored()
    except ValueError:  # the package was installed without docs/
        gr.Markdown(
            "There are no stored evaluations beside this installation: the repository has them in docs/results."
        )
        return Tab()
    names = list(stored.evaluations)
    first = "BSD100" if "BSD100" in names else names[0]
    panel = Panel(Controls, "p", "paper", choices={"data": names}, defaults={"data": first})
    panel.lay_out()
    asked = gr.HTML(None, html_template="<span hidden></span>", js_on_load=COMPARE, elem_id="paper-asked")
    tables = gr.HTML(_tables(stored, first, networks, shared.tallies), js_on_load=SCRIPT, elem_id="paper-tables")
    with gr.Accordion("Formula", open=False):
        gr.Markdown(FORMULA, elem_classes="equations")
    gr.Markdown("## Fig. 5 and 6\nFig. 5: does ICOO rank models as LPIPS does? Fig. 6: do the temperatures matter?")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=320):
            correlation = gr.HTML(elem_id="paper-figure-5")
            correlation_note = gr.Markdown(elem_classes="caption")
        with gr.Column(min_width=320):
            temperatures = gr.HTML(elem_id="paper-figure-6")
            temperatures_note = gr.Markdown(elem_classes="caption")
    panels = curve_panels(stored)
    if panels:
        gr.Markdown(f"## {ALONG}\n{LOOK_FOR}")
    curves = []
    with gr.Row(equal_height=False):
        for number in range(len(panels)):
            with gr.Column(min_width=320):
                curves.append(gr.HTML(elem_id=f"paper-along-{number}"))
    gr.Markdown(f"## How we read the paper, in short\n{READING}")
    if PAGE.exists():
        with gr.Accordion("The whole page, with the test that proves each claim", open=False):
            gr.Markdown(PAGE.read_text(encoding="utf-8").partition("\n")[2])
    outputs = (tables, correlation, correlation_note, temperatures, temperatures_note, *curves)

    def refresh(scene: Scene | None, *sent: Any) -> tuple[Any, ...]:  # noqa: ARG001  # the tables do not depend on it
        name = panel.read(sent).data
        return (_tables(stored, name, networks, shared.tallies), *_figures(name))

    @cache
    def _figures(name: str) -> tuple[Any, ...]:
        six = _drawn(SIX, *figure_6(stored)) if "temperatures" in stored.experiments else ("", "Not measured yet.")
        return (*_drawn(f"{FIVE}, on {name}", *figure_5(stored.evaluations[name])), *six, *_curves())

    @cache
    def _curves() -> tuple[str, ...]:
        return tuple(themed_svg(figure_curves([panel]), f"{ALONG}: {panel.title}") for panel in panels)

    gr.on(panel.changes(), lambda *sent: refresh(None, *sent), panel.inputs, list(outputs), **LIVE)
    link = Link(asked, "compare", PAIR, lambda sent: open_pair(sent, networks.names), (asked,), "select", runs=True)
    return Tab(panel.fields, refresh, tuple(panel.inputs), outputs, (link,))


def open_pair(sent: Any, names: Sequence[str]) -> tuple[list[str], str, str]:
    """Return the values of ``PAIR`` for what a link names: both networks ticked, one on each side of the viewer."""
    pair = read_pair(sent, names)
    return pair, pair[0], pair[-1]


def read_pair(sent: Any, names: Sequence[str]) -> list[str]:
    """Return the networks that a link names, in its order; raise a ``gr.Error`` if one of them is not here."""
    asked = sent.split(SEPARATOR) if isinstance(sent, str) else []
    return [check_choice(name, "The network", names) for name in asked[:2]] or check_choices(asked, "networks", names)


def paper_tables(stored: Stored, data: str) -> dict[str, Table]:
    """Return the tables in the tab's order, with our numbers on the benchmark ``data``."""
    tables = {"claims": claims_table(stored.evaluations[data])}
    if data in stored.twins:
        tables["twins"] = twins_table(stored, data)
    if curve_panels(stored):
        tables["curves"] = curves_table(stored)
    tables["table 1"] = table_1(stored, data)
    if "patch-size" in stored.experiments:
        tables["table 2"] = table_2(stored)
    return {**tables, "table 3": table_3(stored)}


def _tables(stored: Stored, data: str, networks: Networks, tallies: Tallies) -> str:
    tables = paper_tables(stored, data)
    tables["table 1"] = with_eye(tables["table 1"], tallies)
    return "".join(results_table(table, networks.names) for table in tables.values())


def _drawn(description: str, figure: Figure, text: str) -> tuple[str, str]:
    return themed_svg(figure, description), text

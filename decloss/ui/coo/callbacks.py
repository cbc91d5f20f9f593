"""What happens when something is chosen in the COO tab, and when a map is asked for."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from decloss.figures.embedding import Points, embedding_figure
from decloss.figures.spectrum import figure_pixels
from decloss.host.steps import Steps
from decloss.ui.coo.controls import Controls
from decloss.ui.coo.table import coo_sentence, coo_table
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.tab import NO_SCENE, Networks
from decloss.views.coo import CooSettings, compute_coo, coo_map_data, cut_mini_patches, run_networks
from decloss.views.neighbourhood import Neighbourhood
from decloss.views.projection import ProjectionError, project
from decloss.views.scene import Scene

PIECE = 0.4
"""The seconds between two checks whether the visitor still waits; one check takes some hundredths of a second."""
ASK = "Press **Embed** to map the mini-patches of this place."


@dataclass(frozen=True)
class Map:
    """A finished projection, and what it was made of."""

    key: str
    """The ``CooSettings.key`` of the vectors that were projected."""
    points: Points
    caption: str


def refresh(networks: Networks, scene: Scene | None, known: Map | None, chosen: Controls) -> Iterator[tuple[Any, ...]]:
    """Yield (canvas, status, table, sentence, figure): no changes while networks run, and at last those of the place.

    The map of ``known`` is among these if it was made of the same mini-patches.
    """
    settings = chosen.settings
    if scene is None:
        yield None, NO_SCENE, "", "", None
        return
    said = time.monotonic()
    for _ in run_networks(networks.load, scene, settings.names):
        if time.monotonic() - said >= PIECE:
            yield (gr.skip(),) * 5
            said = time.monotonic()
    found = compute_coo(networks.load, scene, settings)
    fits = known is not None and known.key == settings.key(scene)
    yield (
        coo_map_data(scene, found, known.points if known and fits else None),
        known.caption if known and fits else ASK,
        coo_table(found),
        coo_sentence(found),
        gr.skip() if fits else None,
    )


def embed(networks: Networks, scene: Scene | None, chosen: Controls) -> Iterator[tuple[Any, ...]]:
    """Yield (status, map, figure) while t-SNE runs; closing the generator early leaves no process behind."""
    settings, perplexity = chosen.settings, chosen.perplexity
    if scene is None:
        raise gr.Error(NO_SCENE)
    began = time.perf_counter()
    for name in run_networks(networks.load, scene, settings.names):
        yield f"Running **{name}** …", gr.skip(), gr.skip()
    yield "Cutting mini-patches …", gr.skip(), gr.skip()
    cut = cut_mini_patches(networks.load, scene, settings)
    among, vectors = cut.among, cut.among.vectors
    steps = Steps(project(vectors, perplexity, settings.seed))
    with said_to_visitor(ProjectionError), closing(steps) as run:
        for share in run:
            waited = time.perf_counter() - began
            words = f"Embedding {len(vectors):,} mini-patches: **{share:.0%}** after {waited:.0f} s …"
            yield words, gr.skip(), gr.skip()
        projection = run.result
    seconds = time.perf_counter() - began
    caption = (
        f"{_words(among, settings)}, perplexity {perplexity:g}, seed {settings.seed}. Trustworthiness "
        f"**{projection.trustworthiness:.2f}** (1: every neighbour on the map is one in truth). Took {seconds:.1f} s."
    )
    title = f"{_words(among, settings)}; t-SNE, perplexity {perplexity:g}, seed {settings.seed}"
    picture = embedding_figure(projection.points, len(among.places), len(among.truths), list(cut.results), title)
    yield caption, Map(settings.key(scene), projection.points, caption), figure_pixels(picture)


def _words(among: Neighbourhood, settings: CooSettings) -> str:
    kind = "raw" if settings.share is None else f"enhanced (μ {settings.share:g} of the side)"
    return f"{len(among.places):,} HR mini-patches of {among.size} × {among.size} pixels, {kind}"

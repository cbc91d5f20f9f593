"""What happens when something is chosen in the COO tab, and when a map is asked for."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from decloss.figures.embedding import Points, moving_data
from decloss.host.steps import Steps
from decloss.ui.coo.controls import Controls
from decloss.ui.coo.table import coo_sentence, coo_table
from decloss.ui.coo.words import ASK, OLD, shown_words
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.names import plain_name
from decloss.ui.parts.tab import NO_SCENE, Networks
from decloss.views.clusters import network_shares
from decloss.views.coo import CooMeasures, CooSettings, compute_coo, coo_map_data, run_networks
from decloss.views.maps import CooMap, MapStore, map_key
from decloss.views.projection import Progress, ProjectionError, project
from decloss.views.scene import Scene
from decloss.zoo.checkpoint import CheckpointError
from decloss.zoo.registry import BICUBIC

PIECE = 0.4
"""The seconds between two checks whether the visitor still waits; one check takes some hundredths of a second."""
SHARED = "Making the map that this tab opens with, once for all visitors:"


def refresh(networks: Networks, maps: MapStore, scene: Scene | None, chosen: Controls) -> Iterator[tuple[Any, ...]]:
    """Yield (canvas, status, table, sentence): no changes while networks run, and at last those of the place.

    A map that was made of the same mini-patches is among these. If there is none, the page keeps the one that it shows,
    and marks it as old.
    """
    settings = chosen.settings
    if scene is None:
        yield None, NO_SCENE, "", ""
        return
    key = map_key(settings, scene, chosen.perplexity, weights_of(networks, settings.names))
    known = maps.remembered((key, settings.neighbours))
    if known is not None:
        yield known
        return
    said = time.monotonic()
    for _ in run_networks(networks.load, scene, settings.names):
        if time.monotonic() - said >= PIECE:
            yield (gr.skip(),) * 4
            said = time.monotonic()
    found = compute_coo(networks.load, scene, settings)
    told = coo_table(found), coo_sentence(found)
    moving = maps.progress(key)
    if moving is not None:
        yield {**_data(scene, found), "moving": True}, _moving_words(moving, SHARED), *told
    while moving is not None:
        time.sleep(PIECE)
        yield _moved(moving), _moving_words(moving, SHARED), gr.skip(), gr.skip()
        moving = maps.progress(key)
    made = maps.get(key, len(found.among.vectors))
    if made is None:
        yield {**_data(scene, found), "old": OLD}, ASK, *told
    else:
        answer = *_finished(scene, found, settings, chosen, made), *told
        if not found.failed:
            maps.remember((key, settings.neighbours), answer)
        yield answer


def embed(networks: Networks, maps: MapStore, scene: Scene | None, chosen: Controls) -> Iterator[tuple[Any, ...]]:
    """Yield (canvas, status) while t-SNE runs; closing the generator early leaves no process behind."""
    settings, perplexity = chosen.settings, chosen.perplexity
    if scene is None:
        raise gr.Error(NO_SCENE)
    began = time.perf_counter()
    for name in run_networks(networks.load, scene, settings.names):
        yield gr.skip(), f"Running **{name}** …"
    yield gr.skip(), "Cutting mini-patches …"
    found = compute_coo(networks.load, scene, settings)
    key = map_key(settings, scene, perplexity, weights_of(networks, settings.names))
    made = maps.get(key, len(found.among.vectors))
    if made is None:
        words = f"Embedding {len(found.among.vectors):,} mini-patches:"
        yield {**_data(scene, found), "moving": True}, _moving_words(Progress(0, None), words)
        steps = Steps(project(found.among.vectors, perplexity, settings.seed))
        with said_to_visitor(ProjectionError), closing(steps) as run:
            for progress in run:
                yield _moved(progress), _moving_words(progress, words, time.perf_counter() - began)
            projection = run.result
        made = CooMap(projection.points, projection.trustworthiness, time.perf_counter() - began)
        maps.put(key, made)
    yield _finished(scene, found, settings, chosen, made)


def weights_of(networks: Networks, names: tuple[str, ...]) -> dict[str, str]:
    """Return the digest of each checkpoint's weights; without a card, the file's size and time."""
    found = {}
    for name in names:
        try:
            digest = networks.card(name).get("weights", {}).get("sha256") if name != BICUBIC else BICUBIC
            if digest is None:
                state = networks.zoo.path(name).stat()
                digest = f"{state.st_size} {state.st_mtime_ns}"
        except (CheckpointError, OSError):
            digest = ""  # a damaged one is not on the map
        found[name] = str(digest)
    return found


def _finished(
    scene: Scene, found: CooMeasures, settings: CooSettings, chosen: Controls, made: CooMap
) -> tuple[dict[str, Any], str]:
    """Return the canvas and the status of a finished map."""
    among = found.among
    others, names = len(among.places) + len(among.truths), list(among.sr)
    shares = network_shares(made.points, others, len(among.truths), names)
    data = _data(scene, found, made.points)
    kind = "raw" if settings.share is None else f"enhanced (μ {settings.share:g} of the side)"
    caption = (
        f"{len(among.places):,} HR mini-patches of {among.size} × {among.size} pixels, {kind}, perplexity "
        f"{chosen.perplexity:g}, seed {settings.seed}. Trustworthiness **{made.trustworthiness:.2f}** (1: every "
        f"neighbour on the map is one in truth). Took {made.seconds:.1f} s."
    )
    return {**data, "words": shown_words(settings, shares, len(made.points))}, caption


def _data(scene: Scene, found: CooMeasures, points: Points | None = None) -> dict[str, Any]:
    """Return what the page draws, with what visitors read for each checkpoint."""
    data = coo_map_data(scene, found, points)
    return {**data, "series": [{**series, "title": plain_name(series["name"])} for series in data["series"]]}


def _moved(progress: Progress) -> Any:
    return (
        gr.skip()
        if progress.points is None
        else {"move": moving_data(progress.points.astype(float)), "share": progress.share}
    )


def _moving_words(progress: Progress, words: str, seconds: float | None = None) -> str:
    waited = "" if seconds is None else f" after {seconds:.0f} s"
    return f"{words} **{progress.share:.0%}**{waited} …"

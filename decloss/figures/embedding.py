"""The map of mini-patches, after Fig. 2 of the paper, as data for the page's canvas and as a figure to keep."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decloss.files.images import RGBArray, encode_png

Points = NDArray[np.float64]
MARKS = (
    ("#e69f00", 4, 0.0, "s"),
    ("#2b8cd6", 0, 0.0, "o"),
    ("#d1495b", 3, 0.5, "^"),
    ("#009e73", 4, 0.5, "D"),
    ("#9b5de5", 3, 0.0, "v"),
    ("#c06c2e", 5, 0.5, "p"),
)
"""Colour, number of corners (0 is a disc), turn in half corners, and matplotlib's marker; all shapes differ too."""


@dataclass(frozen=True)
class Series:
    """What one checkpoint makes of the k ground truths."""

    name: str
    patches: RGBArray
    """(k, P, P, 3), the mini-patches of the checkpoint."""
    centres: RGBArray
    """(k, P, P, 3), the means of the m nearest HR mini-patches."""
    neighbours: NDArray[np.int64]
    """(k, m), the indices of these HR mini-patches, nearest first."""
    distances: Points
    """(k, 3), the distances to the nearest, to the centre and to the ground truth."""


def embedding_data(
    hr: RGBArray,
    size: int,
    places: NDArray[np.int64],
    truths: NDArray[np.int64],
    series: Sequence[Series],
    points: Points | None,
) -> dict[str, Any]:
    """Return a small JSON object from which the page draws the map and shows any mini-patch at once.

    Args:
        hr: the crop, (side, side, 3).
        size: P, the side of a mini-patch in pixels.
        places: (top, left) of the HR mini-patches, (n, 2).
        truths: (top, left) of the ground truths, (k, 2).
        series: one for each checkpoint.
        points: (n + k + k * checkpoints, 2): HR, ground truths, then each checkpoint's; None before there is a map.
    """
    count, picked = len(places), len(truths)
    spread = None if points is None else _fit(points)
    sheet, at = _sheet(hr, size, series)

    def part(start: int, length: int) -> list[list[float]] | None:
        return None if spread is None else spread[start : start + length].tolist()

    return {
        "size": size,
        "side": len(hr),
        "sheet": "data:image/png;base64," + base64.b64encode(encode_png(sheet)).decode(),
        "hr": {"at": places[:, ::-1].tolist(), "xy": part(0, count)},
        "truths": {"at": truths[:, ::-1].tolist(), "xy": part(count, picked)},
        "series": [
            {
                "name": one.name,
                "colour": mark[0],
                "corners": mark[1],
                "turn": mark[2],
                "at": at[index][0],
                "centres": at[index][1],
                "neighbours": one.neighbours.tolist(),
                "distances": np.round(one.distances, 4).tolist(),
                "xy": part(count + picked * (1 + index), picked),
            }
            for index, (one, mark) in enumerate(zip(series, MARKS, strict=False))
        ],
    }


def moving_data(points: Points) -> list[int]:
    """Return where points on their way are, (n, 2), for the page to move them: x and y of each in turn, 0 to 1000."""
    return np.round(_fit(points) * 1000).astype(int).flatten().tolist()


def embedding_figure(points: Points, count: int, picked: int, names: Sequence[str], title: str) -> Figure:
    """Draw the map; look for results in the middle of HR points, far from their ground truth.

    Args:
        points: (count + picked * (1 + len(names)), 2), in the order of ``embedding_data``.
        count: the number of HR mini-patches.
        picked: the number of ground truths.
        names: the checkpoints' names.
        title: what was projected, and how.
    """
    figure = Figure(figsize=(9, 6.5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(points[:count, 0], points[:count, 1], s=7, color="0.72", linewidths=0, label="HR")
    truths = points[count : count + picked]
    for index, (name, mark) in enumerate(zip(names, MARKS, strict=False)):
        found = points[count + picked * (1 + index) :][:picked]
        joins = np.stack([found, truths, np.full_like(found, np.nan)], axis=1).reshape(-1, 2)
        axes.plot(joins[:, 0], joins[:, 1], color=mark[0], linewidth=0.9, alpha=0.8)
        axes.scatter(
            found[:, 0], found[:, 1], s=42, color=mark[0], marker=mark[3], edgecolors="white", linewidths=0.8,
            label=name, zorder=3,
        )  # fmt: skip
    axes.scatter(
        truths[:, 0], truths[:, 1], s=58, facecolors="none", edgecolors="black", linewidths=1.4,
        label="ground truth", zorder=4,
    )  # fmt: skip
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return figure


def _fit(points: Points) -> Points:
    """Move points into the unit square around (0.5, 0.5), with proportions kept and y downwards."""
    low, high = points.min(axis=0), points.max(axis=0)
    centred = (points - (low + high) / 2) / max(float((high - low).max()), 1e-12)
    return np.round(centred * (1, -1) + 0.5, 4)


def _sheet(hr: RGBArray, size: int, series: Sequence[Series]) -> tuple[RGBArray, list[tuple[Any, Any]]]:
    """Draw the crop and below it two rows for each checkpoint: its mini-patches, and the centres of their neighbours.

    Returns:
        The sheet (H, W, 3), and for each checkpoint the (x, y) of the mini-patches in both rows.
    """
    rows = [strip for one in series for strip in (one.patches, one.centres)]
    width = max([hr.shape[1], *(len(row) * size for row in rows)])
    sheet = np.zeros((len(hr) + size * len(rows), width, 3), np.uint8)
    sheet[: len(hr), : hr.shape[1]] = hr
    at = []
    for index, row in enumerate(rows):
        top = len(hr) + size * index
        sheet[top : top + size, : len(row) * size] = np.concatenate(list(row), axis=1)
        at.append([[size * column, top] for column in range(len(row))])
    return sheet, list(zip(at[::2], at[1::2], strict=True))

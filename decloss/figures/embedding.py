"""The map of mini-patches, after Fig. 2 of the paper, as data for the page's canvas."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decloss.files.images import RGBArray, encode_png

Points = NDArray[np.float64]
MARKS = (
    ("#e69f00", 4, 0.0),
    ("#2b8cd6", 0, 0.0),
    ("#d1495b", 3, 0.5),
    ("#009e73", 4, 0.5),
    ("#9b5de5", 3, 0.0),
    ("#c06c2e", 5, 0.5),
)
"""Colour, number of corners (0 is a disc), and turn in half corners; all shapes differ too."""


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

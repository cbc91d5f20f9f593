"""The same places of photos in several results, side by side: Fig. 4 and 7 of the paper."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from decloss.files.images import RGBArray


def crops_side_by_side(rows: Sequence[tuple[str, Mapping[str, RGBArray]]]) -> Figure:
    """Draw a row for each place and a column for each result, pixels as squares; look for texture and for invention.

    Args:
        rows: the place in words, and name -> (h, w, 3) crop in 8-bit RGB; every row has the same names.
    """
    names = list(rows[0][1])
    figure = Figure(figsize=(2.1 * len(names), 2.25 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(names), squeeze=False)
    for line, (place, crops) in zip(grid, rows, strict=True):
        for axes, name in zip(line, names, strict=True):
            axes.imshow(crops[name], interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            if axes.get_subplotspec().is_first_row():
                axes.set_title(name, fontsize=9)
        line[0].set_ylabel(place, fontsize=9)
    return figure

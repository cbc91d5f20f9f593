"""Where each network errs: maps of the error, of LPIPS, and of the difference of the two that are compared."""

import html
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from decloss.figures.difference import mean_difference
from decloss.figures.heat import heat_filter, scale_gradient, to_grey
from decloss.metrics import LPIPSUnavailableError, lpips_map
from decloss.pixels import to_tensor
from decloss.ui.compare.comparison import HR_NAME, Comparison, Picture
from decloss.ui.compare.kept import address, is_there, once, write_figure
from decloss.ui.compare.labels import figure, label, plain_label
from decloss.ui.parts.controls import Choice

ERROR, LPIPS, DIFFERENCE = "Error", "LPIPS", "Difference of the two"
AUTO = "auto"
GAINS = {AUTO: None, "×1": 1.0, "×4": 4.0}
FILTER = "compare-heat"
NO_ORIGINAL = "n/a: without an original there is nothing to err from. The difference of the two needs none."
LOOK = {
    ERROR: "The mean absolute difference of red, green and blue from the original. <em>Look for:</em> edges and "
    "texture that glow everywhere, since no network can know them; and an even glow, which is a shift of colour.",
    LPIPS: "Where LPIPS, a network’s idea of how alike two pictures look, finds them apart; the mean of a map is the "
    "LPIPS of the table. <em>Look for:</em> places that are dark in one map and bright in the other: there the two "
    "measures disagree on what a good picture is.",
    DIFFERENCE: "The mean absolute difference of red, green and blue between the two pictures of the viewer. "
    "<em>Look for:</em> what one loss changed: lines are detail, even areas are colour.",
}


@dataclass(frozen=True)
class MapControls:
    """Which maps are shown, and how bright."""

    kind: Annotated[str, Choice("Map of", (ERROR, LPIPS, DIFFERENCE)), "which map."] = ERROR
    gain: Annotated[
        str,
        Choice("Gain", tuple(GAINS), info="×1 shows values from 0 to 1, ×4 from 0 to 0.25; auto fits the largest."),
        "how bright.",
    ] = AUTO


@dataclass(frozen=True)
class Heat:
    """One map: its picture in grey, and its values in numbers."""

    path: str
    mean: float
    most: float
    high: float
    """The value that all but one in two hundred stay below, where an automatic scale ends."""

    def __bool__(self) -> bool:
        """Whether the picture is still there."""
        return is_there(self.path)


def show_maps(found: Comparison, first: str, second: str, chosen: MapControls) -> Iterator[str]:
    """Yield the maps as HTML, again with each one that is ready; each is computed once for all visitors."""
    jobs = _jobs(found, first, second, chosen.kind)
    if isinstance(jobs, str):
        yield f"<p>{html.escape(jobs)}</p>"
        return
    heats: dict[str, Heat | None] = dict.fromkeys(jobs)
    for name, compute in jobs.items():
        try:
            heats[name] = once(found, (chosen.kind, name), compute)
        except LPIPSUnavailableError as error:
            yield f"<p>LPIPS is n/a: {html.escape(str(error))}.</p>"
            return
        yield _drawn(found, heats, chosen)


def _jobs(found: Comparison, first: str, second: str, kind: str) -> dict[str, Callable[[], Heat]] | str:
    """Return a function for each map that is to be shown, by its caption; or a sentence that says why there is none."""
    pictures = found.pictures
    if kind == DIFFERENCE:
        if first not in pictures or second not in pictures:
            return "Choose two pictures in the viewer above."
        a, b = pictures[first], pictures[second]
        return {f"{first}~{second}": lambda: _heat(found, mean_difference(a.pixels, b.pixels))}
    if HR_NAME not in pictures:
        return NO_ORIGINAL
    original = pictures[HR_NAME]
    values = _lpips if kind == LPIPS else _error

    def job(name: str) -> Callable[[], Heat]:
        return lambda: _heat(found, values(pictures[name], original))

    return {result.name: job(result.name) for result in found.results}


def _error(picture: Picture, original: Picture) -> NDArray[np.float32]:
    return mean_difference(picture.pixels, original.pixels)


def _lpips(picture: Picture, original: Picture) -> NDArray[np.float32]:
    values: NDArray[np.float32] = lpips_map(to_tensor(picture.pixels), to_tensor(original.pixels))[0].cpu().numpy()
    return values


def _heat(found: Comparison, values: NDArray[np.float32]) -> Heat:
    high = float(np.quantile(values, 0.995))
    return Heat(write_figure(found, to_grey(values)), float(values.mean()), float(values.max()), high)


def scale_end(heats: list[Heat], gain: str) -> float:
    """Return the value at which the colours end; "auto" takes two digits above the largest ``high``."""
    fixed = GAINS[gain]
    if fixed is not None:
        return 1 / fixed
    most = max((heat.high for heat in heats), default=1.0)
    if most < 0.001:
        return 0.001
    power = 10.0 ** (math.floor(math.log10(most)) - 1)
    return min(1.0, round(math.ceil(most / power - 1e-9) * power, 6))


def _drawn(found: Comparison, heats: dict[str, Heat | None], chosen: MapControls) -> str:
    end = scale_end([heat for heat in heats.values() if heat is not None], chosen.gain)
    height, width = found.task.lr.shape[:2]
    figures = "".join(_figure(found, name, heat, chosen.kind) for name, heat in heats.items())
    return (
        f"{heat_filter(FILTER, 1 / end)}<p>{LOOK[chosen.kind]}</p>"
        f'<p class="heat-scale"><span>0, equal</span><i style="background:{scale_gradient()}"></i>'
        f"<span>{end:g} or more</span></p>"
        f'<div class="figures heat" style="--shape:{width}/{height}">{figures}</div>'
    )


def _figure(found: Comparison, name: str, heat: Heat | None, kind: str) -> str:
    first, _, second = name.partition("~")
    title = label(first) + (f" against {label(second)}" if second else "")
    if heat is None:
        return f'<figure><div class="coming"></div><figcaption>{title}<span>…</span></figcaption></figure>'
    what = "LPIPS" if kind == LPIPS else "mean"
    plain = f"{kind}: {plain_label(first)}" + (f" against {plain_label(second)}" if second else "")
    caption = f"{title}<span>{what} {heat.mean:.4f}, at most {heat.most:.2f}</span>"
    return figure(address(found, heat.path), f"{plain}, {what} {heat.mean:.4f}", caption, f"filter:url(#{FILTER})")

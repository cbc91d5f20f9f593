"""The command ``python -m decloss report``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from decloss.files.atomic import write_atomically
from decloss.results.stored import RESULTS, Stored, load_stored
from decloss.zoo.registry import available_checkpoints, load_checkpoint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLACES = {
    "chelsea.png": ("fur and eye", 96, 112),
    "china.jpg": ("roof", 176, 288),
    "coffee.png": ("spoon", 212, 356),
    "astronaut.png": ("badge", 296, 296),
}
"""What there is to see in each photo, and the top left corner of its crop (row, column)."""
SIDE = 96
HEAD = """# Results beside the paper's

Written by `python -m decloss report` from what is stored in this folder: `evaluations/` by
`python -m decloss evaluate --json`, `twins/` by `benchmarks/twins.py`, `experiments.json` by
`benchmarks/experiments.py`, `patch-sizes.json` by `benchmarks/loss.py` and `training-cost.json` by
`benchmarks/training.py`. The paper's numbers are those printed in its tables, never ours; ours are means over images,
by the protocol below. The two are measured on different data and cannot be compared digit by digit: look at the order
of the rows.
"""


@dataclass(frozen=True)
class Report:
    """Rebuild the paper's tables and figures, as far as our checkpoints allow, from stored results."""

    stored: Path = RESULTS
    """Folder with evaluations/ and the other stored results."""
    out: Path = RESULTS
    """Where README.md and the figures go."""

    def run(self) -> int:
        from decloss.results.claims import claims_table
        from decloss.results.curves import curves_table
        from decloss.results.pictures import LOOK_FOR, curve_panels, figure_5, figure_6, figure_curves
        from decloss.results.tables import table_1, table_2, table_3
        from decloss.results.twins import twins_table

        stored = load_stored(self.stored)
        self.out.mkdir(parents=True, exist_ok=True)
        sections = [HEAD, _protocols(stored)]
        sections += [claims_table(evaluation).markdown() for evaluation in stored.evaluations.values()]
        sections += [twins_table(stored, data).markdown() for data in stored.twins]
        panels = curve_panels(stored)
        sections += [curves_table(stored).markdown()] if panels else []
        sections += [table_1(stored, data).markdown() for data in stored.evaluations]
        sections += [table_2(stored).markdown()] if "patch-size" in stored.experiments else []
        sections.append(table_3(stored).markdown())
        sections.append(self._crops())
        for data, evaluation in stored.evaluations.items():
            sections.append(self._figure(f"Fig. 5, on {data}", f"icoo-{data}.png", *figure_5(evaluation)))
        if "temperatures" in stored.experiments:
            sections.append(self._figure("Fig. 6", "temperatures.png", *figure_6(stored)))
        if panels:
            sections.append(self._figure("Along the weights", "along-weights.png", figure_curves(panels), LOOK_FOR))
        write_atomically(self.out / "README.md", "\n".join(sections).encode())
        print(self.out / "README.md")
        return 0

    def _figure(self, title: str, name: str, figure: Figure, text: str) -> str:
        figure.savefig(self.out / name, dpi=130)
        return f"## {title}\n\n{text}\n\n![{title}]({name})\n"

    def _crops(self) -> str:
        """Draw Fig. 4 and 7 with our checkpoints on the example photos, and return their section of the page."""
        from decloss.figures.crops import crops_side_by_side
        from decloss.files.examples import example_photos
        from decloss.files.images import decode_photo
        from decloss.inference.upscaling import upscale
        from decloss.models import make_lr
        from decloss.pixels import SCALE, to_pixels, to_tensor

        models = {name: load_checkpoint(name) for name in ("bicubic", *available_checkpoints())}
        rows, credits = [], []
        for path, credit in example_photos():
            place = PLACES.get(Path(path).name)
            if place is None:
                continue
            words, top, left = place
            hr = to_tensor(decode_photo(Path(path)).pixels)
            hr = hr[..., : hr.shape[-2] // SCALE * SCALE, : hr.shape[-1] // SCALE * SCALE]
            lr = make_lr(hr)
            images = {"HR": hr, **{name: upscale(model, lr) for name, model in models.items()}}
            inside = (slice(top, top + SIDE), slice(left, left + SIDE))
            rows.append((words, {name: to_pixels(image)[inside] for name, image in images.items()}))
            credits.append(credit)
        crops_side_by_side(rows).savefig(self.out / "crops.png", dpi=110)
        names = ", ".join(models)
        return f"## Fig. 4 and 7\n\n![Crops of HR, {names}](crops.png)\n\nPhotos: {'; '.join(credits)}.\n"


def _protocols(stored: Stored) -> str:
    lines = [f"- **{data}**, {found.images} images: {found.protocol}" for data, found in stored.evaluations.items()]
    return "## Protocol\n\n" + "\n".join(lines) + "\n"

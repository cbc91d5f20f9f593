"""The curves along the weights, and their claims, from stored runs whose answer is known."""

from typing import Any

import numpy as np
import pytest

from decloss.results.claims import FAILS, HOLDS, UNDECIDED
from decloss.results.curves import DEC, RAGAN_DEC, TITLE, VGG, VGG_DEC, Term, curves_table, measured_along
from decloss.results.pictures import LOOK_FOR, curve_panels, figure_curves
from decloss.results.stored import RESULTS, Stored, load_stored

ABOUT = {"init": "edsr-l1", "steps": 200, "batch": 4, "crop": 32}
APART = np.linspace(-0.05, 0.05, 8)
"""Eight images."""


def run(
    l1: float, weight: float, psnr_y: float, lpips: float, option: str = "dec-weight", *, twins: bool = True
) -> Any:
    """One run of two seeds, which sharpening brings along a straight line: 0.1 of LPIPS for each decibel."""
    found: dict[str, Any] = {
        "settings": {"l1-weight": l1, option: weight},
        "scores": [{"psnr_y": psnr_y + seed, "lpips": lpips + seed} for seed in (-0.01, 0.01)],
    }
    if twins:
        found["twins"] = {
            amount: {
                "psnr_y": list(psnr_y - float(amount) + 40 * APART),
                "lpips": list(lpips - 0.1 * float(amount) + APART),
            }
            for amount in ("0", "0.5", "1", "2")
        }
    return found


def stored(**groups: dict[str, Any]) -> Stored:
    return Stored({}, {key: {**ABOUT, "runs": runs} for key, runs in groups.items()}, {}, {})


def controls(gain: float) -> dict[str, Any]:
    """Runs beside L1 that are better than sharpening by ``gain``; one of them kept no single images."""
    return {
        "L1 alone": run(1, 0, 28.0, 0.40),
        "DECLoss 0.1": run(1, 0.1, 27.8, 0.38 - gain),
        "DECLoss 0.3": run(1, 0.3, 27.0, 0.30 - gain),
        "DECLoss 1": run(1, 1, 25.0, 0.5, twins=False),
    }


@pytest.mark.parametrize(("gain", "verdict"), [(0.03, HOLDS), (-0.03, FAILS)])
def test_a_curve_that_lies_below_its_sharpened_start_holds_and_one_above_does_not(gain: float, verdict: str) -> None:
    rows = curves_table(stored(controls=controls(gain))).rows
    along, beside_vgg, both = rows[:3]
    assert along == (
        "LPIPS of L1 + DECLoss is below that of L1, sharpened", "0.1, 0.3", "27.00 .. 27.90",
        along[3], along[4], verdict,
    )  # fmt: skip
    # From the start, which both share, the gain grows to its full size at 27.8 dB: of nine levels the first is at 27.9.
    assert float(str(along[3])) == pytest.approx(-gain * (8 + 0.5) / 9, abs=1e-4)
    assert both[1:3] == ("0.1, 0.3", "26.90 .. 27.70") and both[3] == f"{-gain:+.4f}" and both[5] == verdict
    assert beside_vgg[5] == f"{UNDECIDED}: no common PSNR"  # nothing of VGG is stored


def test_what_is_missing_is_left_out_or_undecided() -> None:
    runs = controls(0.03)
    del runs["DECLoss 0.1"]
    found = stored(controls=runs, colours={"L1 10, VGG": run(10, 0, 28.0, 0.36)})
    assert [point.weight for point in measured_along(found, DEC)] == [0, 0.3, 1]
    assert [point.sharpened is None for point in measured_along(found, DEC)] == [False, False, True]
    words = {row[0]: row[-1] for row in curves_table(found).rows}
    for name in ("L1 + VGG", "L1 + VGG + RaGAN"):  # one run alone, and none
        assert (
            words[f"LPIPS of {name} + DECLoss is below that of {name}, sharpened"] == f"{UNDECIDED}: not measured yet"
        )
    assert [row[-1] for row in curves_table(stored()).rows] == 3 * [f"{UNDECIDED}: not measured yet"]
    assert curve_panels(stored()) == []
    assert [panel.title for panel in curve_panels(found)] == ["Beside L1", "Controls beside L1"]


def test_weights_that_do_not_reach_the_psnr_are_undecided() -> None:
    """Beside VGG nothing costs PSNR: there is no equal PSNR until both are sharpened."""
    runs = {
        "L1 10, VGG": run(10, 0, 28.0, 0.36),
        **{f"L1 10, VGG, DECLoss {w}": run(10, w, 28.0 + w / 100, 0.36 - w / 1000) for w in (1, 3, 5)},
    }
    along, both = [row for row in curves_table(stored(colours=runs)).rows if "of L1 + VGG + DECLoss" in str(row[0])]
    assert along[1:] == ("0.1, 0.3, 0.5", None, None, None, f"{UNDECIDED}: no common PSNR")
    # Each w is w/100 dB higher, where sharpening is 0.001 * w further up: its gain is 0.002 * w.
    assert both[1:4] == ("0.1, 0.3, 0.5", "27.90", "-0.0060") and both[5] == HOLDS


@pytest.mark.parametrize("term", [DEC, VGG, VGG_DEC, RAGAN_DEC], ids=lambda term: term.name)
def test_every_curve_is_stored_with_both_ends_and_by_rising_weight(term: Term) -> None:
    points = measured_along(load_stored(), term)
    weights = [point.weight for point in points]
    assert len(points) >= 3 and weights == sorted(weights) and weights[0] == 0
    assert sum(point.sharpened is not None for point in points) >= 3
    for point in points:  # the twins that are not sharpened are the run itself
        if point.sharpened is not None:
            assert point.sharpened[0].level == pytest.approx(point.psnr_y, abs=0.01)
            assert point.sharpened[0].mean_lpips == pytest.approx(point.lpips, abs=0.001)


def test_each_line_has_its_runs_and_the_seeds_their_spread() -> None:
    found = stored(controls=controls(0.03))
    (line,) = curve_panels(found)[0].lines
    assert list(line.psnr_y) == pytest.approx([28.0, 27.8, 27.0, 25.0]) and list(line.weights) == [
        "",
        "0.1",
        "0.3",
        "1",
    ]
    assert line.spread[0] == pytest.approx((0.39, 0.41)) and len(line.sharpened) == 2
    assert len(figure_curves(curve_panels(found)).axes) == 2


def test_the_published_curves_are_those_of_the_stored_results() -> None:
    page = (RESULTS / "README.md").read_text(encoding="utf-8")
    assert curves_table(load_stored()).markdown() in page and f"## {TITLE}" in page
    assert LOOK_FOR in page and "](along-weights.png)" in page and (RESULTS / "along-weights.png").exists()

"""The report and the tables behind it: the paper's numbers and ours in columns of their own, and verdicts."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, run_python
from PIL import Image

from decloss.commands import report as report_command
from decloss.commands.report import Report
from decloss.figures.correlation import icoo_against_lpips, rank_correlation
from decloss.models import Bicubic
from decloss.results.claims import FAILS, HOLDS, PAIRS, UNDECIDED, claims_table
from decloss.results.pictures import figure_5, figure_6, temperature_curves
from decloss.results.stored import RESULTS, Evaluation, load_stored, paper_rows
from decloss.results.tables import table_1, table_2, table_3
from decloss.results.twins import twins_table

KEYS = ("psnr_rgb", "psnr_y", "lpips", "icoo")


def rows(*values: tuple[float, float, float | None, float]) -> list[dict[str, object]]:
    return [{"image": str(i), **dict(zip(KEYS, entry, strict=True))} for i, entry in enumerate(values)]


def write_evaluation(path: Path, data: str = "BSD100", protocol: str = "as always", **models: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = {name.replace("__", "/").replace("_", "-"): entries for name, entries in models.items()}
    path.write_text(json.dumps({"data": data, "protocol": protocol, "images": images}), encoding="utf-8")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Two models on two images, a checkpoint on the way, and short finetunes."""
    folder = tmp_path / "stored"
    bicubic = rows((24.6, 25.9, 0.52, 22.6), (24.68, 26.02, 0.5316, 22.74))
    write_evaluation(
        folder / "evaluations" / "BSD100.json",
        bicubic=bicubic,
        edsr_l1=[row | {"colour_error": 0.35} for row in rows((25.8, 27.1, None, 22.0), (25.9, 27.28, None, 22.04))],
    )
    between = {"snapshots__edsr_l1_000500.safetensors": rows((25, 26, 0.4, 22), (25, 26, 0.4, 22))}
    write_evaluation(folder / "evaluations" / "BSD100-between.json", **between)
    scores = {"psnr_rgb": 26.5, "lpips": 0.33, "icoo": 22.5}
    about = {"init": "edsr-l1", "steps": 200, "batch": 4, "crop": 16}
    runs = {name: {"scores": [scores], "weights": ["a"]} for name in ("printed, 0.5, 1.5", "printed, 8, 0.5")}
    runs |= {
        f"inside, {a}, {b}": {"scores": [{**scores, "lpips": value}], "weights": ["b"]}
        for a, b, value in (("0.5", "1.5", 0.31), ("8", "1.5", 0.32), ("0.5", "4", 0.35), ("0.5", "0.5", 0.36))
    }
    sizes = {f"P {size}": {"scores": [{**scores, "lpips": 0.3 + size / 100}]} for size in (1, 2, 3, 4)}
    experiments = {"temperatures": {**about, "runs": runs}, "patch-size": {**about, "runs": sizes}}
    (folder / "experiments.json").write_text(json.dumps(experiments), encoding="utf-8")
    cost = {"1": {"streaming": {"seconds": 5.5, "megabytes": 80}, "dense": None}}
    (folder / "patch-sizes.json").write_text(json.dumps({"hardware": "two cores", "rows": cost}), encoding="utf-8")
    ratios = {"edsr-l1": {"seconds": 330, "ratio": 1.0}, "edsr-l1-dec": {"seconds": 400, "ratio": 1.21}}
    (folder / "training-cost.json").write_text(
        json.dumps({"hardware": "two cores", "batch": "4", "rows": ratios}), encoding="utf-8"
    )
    return folder


@pytest.fixture
def report(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Its text; in its crops every network is bicubic, which costs nothing."""
    monkeypatch.setattr(report_command, "load_checkpoint", lambda name: Bicubic())
    assert Report(stored=stored, out=tmp_path / "results").run() == 0
    for name in ("icoo-BSD100.png", "temperatures.png", "crops.png"):
        width, height = Image.open(tmp_path / "results" / name).size
        assert width > 500 and height > 400
    return (tmp_path / "results" / "README.md").read_text(encoding="utf-8")


def test_the_papers_numbers_and_ours_stand_in_their_own_columns(report: str) -> None:
    lines = report.splitlines()
    row = next(line for line in lines if line.startswith("| 1 | `edsr-l1`"))
    printed, ours = "28.56 | 0.273 | 28.54 | 6.33 | 1.00", "25.85 | 27.19 | n/a | 22.02 | 0.35 | 1.00"
    assert row == f"| 1 | `edsr-l1` | L1 | {printed} | {ours} |"
    row = next(line for line in lines if line.startswith("| BSD100 | Bicubic"))
    assert row == "| BSD100 | Bicubic | `bicubic` | 24.65 | 0.198 | 28.66 | 24.64 | 25.96 | 0.5258 | 22.67 |"
    row = next(line for line in lines if line.startswith("| 1 × 1"))
    assert row == "| 1 × 1 | 27.30 | 0.1722 | 27.43 | 26.50 | 0.3100 | 22.50 | 5.500 | does not fit | 80 |  |"
    head = next(line for line in lines if line.startswith("| row |"))
    assert head.count("paper: ") == 5 and "paper: cost | PSNR-RGB" in head
    assert "**BSD100**, 2 images: as always" in report and "Chelsea the cat" in report


def test_what_is_missing_says_so(report: str) -> None:
    lines = report.splitlines()
    assert sum("not trained yet" in line for line in lines if line.startswith("| ") and line[2].isdigit()) == 9
    assert any(line.startswith("| BSD100 | SRFlow | not ours to run | 24.67 |") for line in lines)
    assert any(line.startswith("| DIV2K | EDSR | `edsr-l1` |") and "not measured" in line for line in lines)
    assert any(line.startswith("| 8 × 8 |") and "not measured" in line for line in lines)
    assert sum("undecided: not both are trained yet" in line for line in lines) == 2 * len(PAIRS)


def test_every_table_row_has_as_many_cells_as_its_head(report: str) -> None:
    block: list[int] = []
    for line in [*report.splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.count("|"))
        elif block:
            assert len(set(block)) == 1 and len(block) > 3
            block = []


def test_temperatures_are_sorted_into_the_two_curves_and_the_printed_line(stored: Path) -> None:
    curves, printed = temperature_curves(load_stored(stored))
    assert curves == {"t_pos": {0.5: 0.31, 8.0: 0.32}, "t_neg": {0.5: 0.36, 1.5: 0.31, 4.0: 0.35}} and printed == 0.33
    assert all(list(points) == sorted(points) for points in curves.values())
    figure, text = figure_6(load_stored(stored))
    assert "bit for bit" in text and len(figure.axes[0].lines) == 3


def test_checkpoints_on_the_way_count_in_the_correlation(stored: Path) -> None:
    figure, text = figure_5(load_stored(stored).evaluations["BSD100"])
    assert "too few" in text  # edsr-l1 has no LPIPS there
    assert len(figure.axes[0].collections[0].get_offsets()) == 1
    named = {str(i): (float(i), value) for i, value in enumerate((0.1, 0.3, 0.2, 0.4))}
    assert "5 models" in icoo_against_lpips(named, "Set5", {"x": (9.0, 0.9)}).axes[0].get_title()


def test_a_claim_holds_or_fails_when_its_interval_leaves_out_zero() -> None:
    rng = np.random.default_rng(0)
    second = rng.uniform(0.2, 0.5, 50)
    noise = rng.normal(0, 0.01, 50)

    def evaluation(first: np.ndarray) -> Evaluation:
        scores = {"edsr-l1-dec": first, "edsr-l1": second}
        entries = {name: rows(*((0.0, 0.0, value, 20.0) for value in values)) for name, values in scores.items()}
        return Evaluation("BSD100", "", entries)

    for shift, verdict in ((-0.02, HOLDS), (0.02, FAILS)):
        row = claims_table(evaluation(second + noise + shift)).rows[0]
        assert row[3] == verdict and row[1] == f"{noise.mean() + shift:+.4f}"
    four = {name: entries[:4] for name, entries in evaluation(second - 0.02).rows.items()}
    assert claims_table(Evaluation("BSD100", "", four)).rows[0][3] == UNDECIDED  # too few to say
    alternating = np.where(np.arange(50) % 2, 0.01, -0.01)
    assert claims_table(evaluation(second + alternating)).rows[0][3] == UNDECIDED
    missing = claims_table(evaluation(second)).rows[1]  # the other pairs were not measured
    assert missing[1:] == (None, None, f"{UNDECIDED}: not both are trained yet")
    words = claims_table(evaluation(second + noise - 0.02)).cells()
    assert words[0][0] == "LPIPS of `edsr-l1-dec` is below that of `edsr-l1`" and words[0][3] == HOLDS


def test_pairs_of_claims_differ_in_decloss_alone() -> None:
    for first, second in PAIRS:
        assert first.replace("-dec", "", 1) == second


def test_the_papers_tables_agree_where_they_print_the_same() -> None:
    """Table 1's rows 8 to 10 are Table 3's DIV2K rows for DECLoss, ESRGAN and DECLoss+."""
    first = {row["row"]: row for row in paper_rows(1)}
    third = {row["method"]: row for row in paper_rows(3) if row["data"] == "DIV2K"}
    for row, method in ((8, "DECLoss"), (9, "ESRGAN"), (10, "DECLoss+")):
        assert all(first[row][key] == third[method][key] for key in ("psnr", "lpips", "icoo"))
    assert [row["size"] for row in paper_rows(2)] == [1, 2, 3, 4, 8]


def test_the_rank_correlation_is_spearmans_and_needs_four() -> None:
    points = {str(i): (float(i), value) for i, value in enumerate((0.1, 0.3, 0.2, 0.4))}
    assert rank_correlation(points) == pytest.approx(0.8)
    assert rank_correlation(dict(list(points.items())[:3])) is None
    title = icoo_against_lpips(points, "Set5").axes[0].get_title()
    assert "0.800" in title and "0.892" in title and "4 models" in title


def test_files_that_do_not_fit_each_other_are_refused(stored: Path) -> None:
    write_evaluation(
        stored / "evaluations" / "other.json", protocol="another", bicubic=rows((1, 1, 1, 1), (1, 1, 1, 1))
    )
    with pytest.raises(ValueError, match="another protocol"):
        load_stored(stored)


def test_without_evaluations_it_says_what_to_do(tmp_path: Path) -> None:
    arguments = ("-m", "decloss", "report", "--stored", str(tmp_path), "--out", str(tmp_path))
    result = run_python(*arguments)
    assert result.returncode == 2 and "evaluate --json" in result.stderr
    (tmp_path / "evaluations").mkdir()
    (tmp_path / "evaluations" / "other.json").write_text("[]", encoding="utf-8")
    result = run_python(*arguments)
    assert result.returncode == 2 and "was not written by" in result.stderr
    (tmp_path / "evaluations" / "other.json").write_text("[", encoding="utf-8")
    result = run_python(*arguments)
    assert result.returncode == 2 and "other.json is not JSON" in result.stderr
    same = {"data": "Set", "protocol": "", "images": {"edsr-l1": [], "x/edsr-l1.safetensors": []}}
    (tmp_path / "evaluations" / "other.json").write_text(json.dumps(same), encoding="utf-8")
    result = run_python(*arguments)
    assert result.returncode == 2 and "two models of one name" in result.stderr
    (tmp_path / "evaluations" / "other.json").unlink()
    (tmp_path / "twins").mkdir()
    (tmp_path / "twins" / "Set5.json").write_text("{}", encoding="utf-8")
    result = run_python(*arguments)
    assert result.returncode == 2 and "was not written by benchmarks/twins.py" in result.stderr


def test_the_published_tables_are_those_of_the_stored_results() -> None:
    """docs/results/README.md cannot drift from the numbers beside it."""
    page, stored = (RESULTS / "README.md").read_text(encoding="utf-8"), load_stored()
    for data, evaluation in stored.evaluations.items():
        assert table_1(stored, data).markdown() in page and claims_table(evaluation).markdown() in page
        assert figure_5(evaluation)[1] in page
    assert all(twins_table(stored, data).markdown() in page for data in stored.twins) and stored.twins
    assert report_command._protocols(stored) in page
    assert table_2(stored).markdown() in page and table_3(stored).markdown() in page and figure_6(stored)[1] in page
    assert (ROOT / "docs" / "results" / "crops.png").exists()

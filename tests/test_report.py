"""The report: the paper's tables with our numbers in columns of their own."""

import json
from pathlib import Path

import pytest
from conftest import ROOT, run_python
from PIL import Image

from decloss.commands.report import Report
from decloss.figures.correlation import icoo_against_lpips, rank_correlation

PAPER = ROOT / "assets" / "paper"


def evaluation(data: str, **models: tuple[float, float, float | None, float]) -> str:
    keys = ("psnr_rgb", "psnr_y", "lpips", "icoo")
    means = {name.replace("_", "-"): dict(zip(keys, values, strict=True)) for name, values in models.items()}
    return json.dumps({"data": data, "protocol": "as always", "means": means, "images": {"bicubic": [{}, {}]}})


@pytest.fixture
def report(tmp_path: Path) -> str:
    folder = tmp_path / "evaluations"
    folder.mkdir()
    models = {"bicubic": (24.64, 25.96, 0.5258, 22.67), "edsr_l1": (25.85, 27.19, None, 22.02)}
    (folder / "BSD100.json").write_text(evaluation("BSD100", **models))
    assert Report(evaluations=folder, out=tmp_path / "results").run() == 0
    assert (tmp_path / "results" / "icoo-BSD100.png").stat().st_size > 5000
    width, height = Image.open(tmp_path / "results" / "crops.png").size
    assert width > 500 and height > 500
    return (tmp_path / "results" / "README.md").read_text()


def test_the_papers_numbers_and_ours_stand_in_their_own_columns(report: str) -> None:
    row = next(line for line in report.splitlines() if line.startswith("| 1 | `edsr-l1`"))
    assert row == "| 1 | `edsr-l1` | 28.56 | 0.273 | 28.54 | 6.33 | 25.85 | 27.19 | n/a | 22.02 |"
    row = next(line for line in report.splitlines() if line.startswith("| BSD100 | Bicubic"))
    assert row == "| BSD100 | Bicubic | `bicubic` | 24.65 | 0.198 | 28.66 | 24.64 | 25.96 | 0.5258 | 22.67 |"
    assert "**BSD100**, 2 images: as always" in report
    assert "Crops of HR, bicubic, edsr-l1" in report and "Chelsea the cat" in report


def test_what_is_missing_says_so(report: str) -> None:
    lines = report.splitlines()
    assert sum("not trained yet" in line for line in lines if line.startswith("| ") and line[2].isdigit()) == 9
    assert any(line.startswith("| BSD100 | SRFlow | not ours to run | 24.67 |") for line in lines)
    assert any(line.startswith("| DIV2K | EDSR | `edsr-l1` |") and "not measured" in line for line in lines)


def test_every_table_row_has_as_many_cells_as_its_head(report: str) -> None:
    block: list[int] = []
    for line in [*report.splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.count("|"))
        elif block:
            assert len(set(block)) == 1 and len(block) > 3
            block = []


def test_the_papers_tables_agree_where_they_print_the_same() -> None:
    """Table 1's rows 8 to 10 are Table 3's DIV2K rows for DECLoss, ESRGAN and DECLoss+."""
    first = {row["row"]: row for row in json.loads((PAPER / "table1.json").read_text())["rows"]}
    third = {
        row["method"]: row for row in json.loads((PAPER / "table3.json").read_text())["rows"] if row["data"] == "DIV2K"
    }
    for row, method in ((8, "DECLoss"), (9, "ESRGAN"), (10, "DECLoss+")):
        assert all(first[row][key] == third[method][key] for key in ("psnr", "lpips", "icoo"))


def test_the_rank_correlation_is_spearmans_and_needs_four() -> None:
    points = {str(i): (float(i), value) for i, value in enumerate((0.1, 0.3, 0.2, 0.4))}
    assert rank_correlation(points) == pytest.approx(0.8)
    assert rank_correlation(dict(list(points.items())[:3])) is None
    title = icoo_against_lpips(points, "Set5").axes[0].get_title()
    assert "0.800" in title and "0.892" in title and "4 models" in title


def test_without_evaluations_it_says_what_to_do(tmp_path: Path) -> None:
    result = run_python("-m", "decloss", "report", "--evaluations", str(tmp_path), "--out", str(tmp_path))
    assert result.returncode == 2 and "evaluate --json" in result.stderr
    (tmp_path / "other.json").write_text("[]")
    result = run_python("-m", "decloss", "report", "--evaluations", str(tmp_path), "--out", str(tmp_path))
    assert result.returncode == 2 and "was not written by" in result.stderr

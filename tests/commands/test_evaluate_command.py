"""``evaluate`` on folders as people have them: subfolders, bad files, results among the images, few images."""

import csv
import hashlib
import json
import os
import re
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from conftest import sample_photo
from PIL import Image
from torch import Tensor

from decloss import metrics
from decloss.cli import main
from decloss.commands import evaluate as module
from decloss.commands.evaluate import Evaluate
from decloss.commands.score_tables import comparison_table
from decloss.evaluation import scores
from decloss.evaluation.scores import Scores
from decloss.files.images import decode_photo
from decloss.models import Bicubic, bicubic_upscale, make_lr
from decloss.pixels import to_pixels, to_tensor


def save(path: Path, height: int = 48, width: int = 48, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sample_photo(height, width, seed)).save(path)


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """Two images of one name in two folders, each with its LR; all of one size and time."""
    folder = tmp_path / "nested"
    for seed, name in enumerate(("a", "b")):
        save(folder / "HR" / name / "1.bmp", seed=seed)
        lr = make_lr(to_tensor(sample_photo(48, 48, seed)))
        (folder / "LR_x4" / name).mkdir(parents=True)
        Image.fromarray(to_pixels(lr)).save(folder / "LR_x4" / name / "1.bmp")
    for path in folder.rglob("*.bmp"):
        os.utime(path, ns=(0, 0))
    return folder


class Kept(type(Path())):
    """A file that stays where it is told to go."""

    def unlink(self, missing_ok: bool = False) -> None:
        assert missing_ok


def content(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_images_of_one_name_are_kept_apart_in_every_output(nested: Path, tmp_path: Path) -> None:
    target, table, pictures = tmp_path / "s.json", tmp_path / "s.csv", tmp_path / "pictures"
    command = Evaluate(data=str(nested), models=("bicubic",), json=target, csv=table, images=pictures)
    assert command.run() == 0
    rows = content(target)["images"]["bicubic"]
    assert [row["image"] for row in rows] == ["a/1", "b/1"] and rows[0]["psnr_y"] != rows[1]["psnr_y"]
    with table.open(encoding="utf-8") as file:
        assert [row["image"] for row in csv.DictReader(file)] == ["a/1", "b/1"]
    for seed, name in enumerate(("a", "b")):
        expected = to_pixels(bicubic_upscale(make_lr(to_tensor(sample_photo(48, 48, seed)))))
        assert (decode_photo(pictures / "bicubic" / name / "1.png").pixels == expected).all()


def test_rows_of_an_interrupted_run_that_knew_bare_names_are_measured_again(nested: Path, tmp_path: Path) -> None:
    target = tmp_path / "s.json"
    command = Evaluate(data=str(nested), models=("bicubic",), json=target)
    command.run()
    whole = content(target)
    # The key of earlier versions, by which both images are one: its row would be taken for each.
    hr, lr = nested / "HR" / "a" / "1.bmp", nested / "LR_x4" / "a" / "1.bmp"
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in (hr, lr)]
    scores = [field.name for field in fields(Scores)]
    wrong = {**whole["images"]["bicubic"][0], "image": "1", "psnr_y": 1.0}
    lines = []
    for name in ("1", "a/1", "b/1"):
        facts = ["bicubic", name, files, whole["protocol"], scores, torch.__version__]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
        lines.append(json.dumps({"key": key, "row": wrong}) + "\n")
    (tmp_path / ".s.json.rows").write_text("".join(lines), encoding="utf-8")
    command.run()
    assert content(target)["means"]["bicubic"]["psnr_y"] == whole["means"]["bicubic"]["psnr_y"]


def test_an_interrupted_run_over_subfolders_goes_on_with_the_right_rows(
    nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "s.json"
    command = Evaluate(data=str(nested), models=("bicubic",), json=target)
    command.run()
    whole = content(target)["images"]["bicubic"]
    measure, measured = scores.evaluate, []

    def interrupted(model, pairs, keep=None):
        if len(measured) == 1:
            raise KeyboardInterrupt
        measured.append(pairs[0].name)
        return measure(model, pairs, keep)

    monkeypatch.setattr(scores, "evaluate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command.run()
    measured[:] = [*measured, "more"]
    assert command.run() == 0
    again = content(target)["images"]["bicubic"]
    assert measured == ["a/1", "more", "b/1"]
    assert [(row["image"], row["psnr_y"]) for row in again] == [(row["image"], row["psnr_y"]) for row in whole]


def test_a_row_without_lpips_is_measured_again_once_there_is_one_and_one_that_a_kill_cut_is_no_row(
    nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, journal = tmp_path / "s.json", tmp_path / ".s.json.rows"
    command = Evaluate(data=str(nested), models=("bicubic",), json=target)
    monkeypatch.setattr(scores, "lpips", lambda sr, hr: torch.tensor([0.25]))
    monkeypatch.setattr(Evaluate, "_journal", Kept(journal))
    command.run()
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").split("\n") if line]
    lines[0]["row"] |= {"lpips": None, "lpips_missing": "no weights"}
    texts = [json.dumps(line) for line in lines]
    for there, expected in ((False, [None, 0.25]), (True, [0.25, 0.25])):
        monkeypatch.setattr(metrics, "lpips_is_available", lambda there=there: there)
        journal.write_text(f"{texts[0]}\n{texts[1][:40]}", encoding="utf-8")
        command.run()
        command.run()  # reads what the run before has added to the row that was cut
        assert [row["lpips"] for row in content(target)["images"]["bicubic"]] == expected


def test_the_folder_of_the_terminal_has_its_name(nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(nested)
    Evaluate(data=".", models=("bicubic",), json=tmp_path / "s.json").run()
    assert content(tmp_path / "s.json")["data"] == "nested"


@pytest.mark.parametrize("where", ["D/out", "link/out", "D/../D/out", "D", "out_link"])
def test_results_never_go_among_the_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    save(tmp_path / "D" / "a.png")
    (tmp_path / "link").symlink_to("D")
    (tmp_path / "D" / "inner").mkdir()
    (tmp_path / "out_link").symlink_to("D/inner")
    monkeypatch.chdir(tmp_path)
    for data in ("D", "link", str(tmp_path / "D")):
        with pytest.raises(ValueError, match="choose a folder outside"):
            Evaluate(data=data, models=("bicubic",), images=Path(where)).run()
    assert [path.name for path in tmp_path.rglob("*.png")] == ["a.png"]


def test_results_never_replace_the_images(tmp_path: Path) -> None:
    save(tmp_path / "bicubic" / "a.png")
    save(tmp_path / "D" / "b.png")
    (tmp_path / "D" / "a.png").symlink_to(tmp_path / "bicubic" / "a.png")
    before = (tmp_path / "bicubic" / "a.png").read_bytes()
    for data in ("bicubic", "D"):
        with pytest.raises(ValueError, match="would mix with the images"):
            Evaluate(data=str(tmp_path / data), models=("bicubic",), images=tmp_path).run()
    assert (tmp_path / "bicubic" / "a.png").read_bytes() == before


def test_results_beside_hr_and_tables_inside_change_nothing(nested: Path) -> None:
    target = nested / "HR" / "s.json"
    command = Evaluate(
        data=str(nested), models=("bicubic",), json=target, csv=nested / "HR" / "s.csv", images=nested / "out"
    )
    means = []
    for _ in range(2):
        assert command.run() == 0
        means.append(content(target)["means"]["bicubic"]["psnr_y"])
    assert means[0] == means[1] and len(content(target)["images"]["bicubic"]) == 2


def test_bad_files_are_named_and_left_out_and_the_rest_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, target = tmp_path / "D", tmp_path / "s.json"
    save(folder / "good.png")
    command = Evaluate(data=str(folder), models=("bicubic",), json=target)
    assert command.run() == 0
    alone = content(target)
    assert alone["left_out"] == {} and "D, 1 images" in capsys.readouterr().out
    save(folder / "w1.png", 64, 1)
    save(folder / "tiny.png", 12, 12)
    (folder / "._good.png").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X        ")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:500])
    assert command.run() == 1
    out, err = capsys.readouterr()
    assert "D, 1 of 5 images" in out
    for line in ("w1.png: 1 x 64 pixels", "tiny.png: 12 x 12 pixels", "._good.png: This file", "cut.png: This image"):
        assert err.count(f"Left out: {line}") == 1
    assert content(target)["left_out"].keys() == {"w1", "tiny", "._good", "cut"}
    assert content(target)["means"]["bicubic"]["psnr_y"] == alone["means"]["bicubic"]["psnr_y"]


def test_if_nothing_is_left_that_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "D" / "tiny.png", 12, 12)
    arguments = ["evaluate", "--data", str(tmp_path / "D"), "--models", "bicubic", "--json", str(tmp_path / "s.json")]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[-1] == f"error: none of the images of {tmp_path / 'D'} can be measured"
    assert not (tmp_path / "s.json").exists()


class Choosy(Bicubic):
    """Refuses one size, as networks of others do."""

    def forward(self, lr: Tensor) -> Tensor:
        if lr.shape[-1] == 10:
            raise RuntimeError("Padding size should be less than 10\nand more")
        return super().forward(lr)


def test_an_image_that_one_model_refuses_is_left_out_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, target = tmp_path / "D", tmp_path / "s.json"
    save(folder / "a.png")
    save(folder / "b.png", 48, 40)
    monkeypatch.setattr(module, "load_checkpoint", lambda name: Choosy() if name == "choosy" else Bicubic())
    monkeypatch.setattr(module, "card_of", lambda model: {})
    command = Evaluate(data=str(folder), models=("bicubic",), compare=("bicubic", "choosy"), json=target)
    assert command.run() == 1
    out, err = capsys.readouterr()
    assert "Left out: b.png: choosy failed (Padding size should be less than 10)\n" in err and "1 of 2 images" in out
    assert [[row["image"] for row in rows] for rows in content(target)["images"].values()] == [["a"], ["a"]]


def test_scores_over_fewer_images_are_not_recorded(
    tmp_path: Path, tiny_checkpoints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "D"
    save(folder / "a.png")
    save(folder / "tiny.png", 12, 12)
    path = tiny_checkpoints / "tiny-a.safetensors"
    before = path.with_suffix(".json").read_bytes()
    assert Evaluate(data=str(folder), models=(str(path),), record=True).run() == 1
    assert "Nothing is recorded" in capsys.readouterr().err and path.with_suffix(".json").read_bytes() == before


def test_each_row_of_a_comparison_counts_its_own_images() -> None:
    def rows(*psnr: float) -> list[dict]:
        other = dict.fromkeys(("psnr_rgb", "ssim", "icoo", "colour_error"), 1.0)
        return [{"psnr_y": value, "lpips": None, **other} for value in psnr]

    infinite = float("inf")
    results = {"x": rows(31, 31, 31, 31, 31, infinite), "y": rows(30, 30, 30, 30, 30, infinite)}
    head, *lines = comparison_table(("x", "y"), results).strip().splitlines()
    found = {re.split(r"  +", line)[0]: re.split(r"  +", line)[1:] for line in lines}
    assert "6" not in head and found["PSNR-Y"] == ["+1.00", "+1.00..+1.00", "5", "higher"]
    assert found["PSNR-RGB"] == ["+0.00", "+0.00..+0.00", "6", "no difference shown"]
    assert found["LPIPS"] == ["n/a", "0"]
    one = comparison_table(("x", "y"), {name: entries[:1] for name, entries in results.items()})
    assert re.search(r"PSNR-Y +\+1.00 +\+1.00..\+1.00 +1 +too few images to say", one)
    assert "higher" not in one and "no difference" not in one

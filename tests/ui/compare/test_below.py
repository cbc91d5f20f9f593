"""The lower part of Compare without a browser: what it draws of a comparison, how often it computes, and its words."""

import json
import re
import threading
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from PIL import Image

from decloss.evaluation.scores import Scores
from decloss.figures.heat import from_grey
from decloss.figures.regions import window_of_difference
from decloss.metrics import LPIPSUnavailableError
from decloss.ui.compare import maps
from decloss.ui.compare.below import choose_network, show_links
from decloss.ui.compare.closer_look import show_windows
from decloss.ui.compare.comparison import Comparison, start_comparison
from decloss.ui.compare.downloads import download_links
from decloss.ui.compare.kept import address, once
from decloss.ui.compare.look_for import ADVERSARIAL, CONTRASTIVE, LOOK_FOR, PERCEPTUAL, PIXELS, UNKNOWN, look_for
from decloss.ui.compare.maps import AUTO, DIFFERENCE, ERROR, LPIPS, Heat, MapControls, scale_end, show_maps
from decloss.ui.compare.score_table import score_table
from decloss.ui.compare.spectra import show_spectra
from decloss.ui.compare.tradeoff import tradeoff
from decloss.ui.parts.tab import Networks
from decloss.views.comparison import Framing, Result, prepare_task
from decloss.zoo.registry import BICUBIC, SHARPENED, TABLE_1_NAMES, default_zoo

HR = sample_photo(64, 96)


def scores(psnr: float, lpips: float | None) -> Scores:
    return Scores(psnr, psnr, 0.8, lpips, 20.0, 19.0, 1.0, None if lpips is not None else "no weights <here>")


def compared(*, is_original: bool = True, lpips: bool = True) -> Comparison:
    """Two networks' results: one is 9 levels too bright, the other is right but for a patch."""
    found = start_comparison(prepare_task(HR if is_original else HR[:16, :24], Framing(), is_original=is_original))
    bright, patched = np.minimum(HR.astype(int) + 9, 255).astype(np.uint8), HR.copy()
    patched[20:36, 40:56] = 255 - patched[20:36, 40:56]
    for name, pixels, psnr in (("edsr-l1", bright, 29.0), ("<own>", patched, 27.5)):
        given = scores(psnr, 0.2 if lpips else None) if is_original else None
        found = found.with_result(Result(name, pixels, 0.1, 5, given))
    return found


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Comparison:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return compared()


def last(pieces: object) -> str:
    return list(pieces)[-1]  # type: ignore[call-overload]


def file_of(source: str) -> Path:
    return Path(source.removeprefix("gradio_api/file="))


def test_the_error_map_is_the_mean_absolute_difference_from_the_original(found: Comparison) -> None:
    markup = last(show_maps(found, "", "", MapControls()))
    sources = re.findall(r'<img src="([^"]+)"', markup)
    assert len(sources) == 2 and "<own>" not in markup
    for source, result in zip(sources, found.results, strict=True):
        grey = np.asarray(Image.open(file_of(source)))
        expected = np.abs(result.pixels.astype(float) - HR).mean(axis=2) / 255
        assert grey.shape == expected.shape and np.abs(from_grey(grey) - expected).max() < 0.004
        assert f"mean {expected.mean():.4f}" in markup
    assert "filter:url(#compare-heat)" in markup and markup.count('tableValues="') == 3


def test_maps_are_computed_once_for_all_visitors_and_again_if_their_file_was_swept(
    found: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    true = maps.mean_difference
    monkeypatch.setattr(maps, "mean_difference", lambda a, b: calls.append("") or true(a, b))
    visitors = [threading.Thread(target=lambda: list(show_maps(found, "", "", MapControls()))) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(calls) == 2
    for gain in ("×1", "×4"):  # another gain is another filter over the same pictures
        assert last(show_maps(found, "", "", MapControls(gain=gain))).count("<img") == 2 and len(calls) == 2
    heat = once(found, (ERROR, "edsr-l1"), lambda: pytest.fail("it is kept"))
    Path(heat.path).unlink()
    list(show_maps(found, "", "", MapControls()))
    assert len(calls) == 3


def test_gains_end_the_scale_at_one_at_a_quarter_or_where_the_largest_values_are(found: Comparison) -> None:
    heats = [Heat("", 0.01, 0.5, high) for high in (0.0313, 0.1371)]
    assert [scale_end(heats, gain) for gain in ("×1", "×4", AUTO)] == [1, 0.25, 0.14]
    assert scale_end([Heat("", 0, 0, 0)], AUTO) == 0.001 and scale_end([Heat("", 1, 3, 2.2)], AUTO) == 1
    assert "0.25 or more" in last(show_maps(found, "", "", MapControls(gain="×4")))


def test_the_difference_is_that_of_the_viewers_two_and_needs_no_original(found: Comparison) -> None:
    chosen = MapControls(kind=DIFFERENCE)
    markup = last(show_maps(found, "edsr-l1", "<own>", chosen))
    assert markup.count("<img") == 1 and "EDSR · pixel loss" in markup and "&lt;own&gt;" in markup
    assert "mean 0.0000" in last(show_maps(found, "HR", "HR", chosen))
    without = compared(is_original=False)
    assert "<img" in last(show_maps(without, "edsr-l1", "<own>", chosen))
    assert "without an original" in last(show_maps(without, "edsr-l1", "<own>", MapControls()))
    assert "Choose two" in last(show_maps(found, "gone", "HR", chosen))


def test_lpips_that_is_missing_is_na_and_says_why(found: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(sr: object, hr: object) -> object:
        raise LPIPSUnavailableError("no <weights> here")

    monkeypatch.setattr(maps, "lpips_map", missing)
    assert last(show_maps(found, "", "", MapControls(kind=LPIPS))) == "<p>LPIPS is n/a: no &lt;weights&gt; here.</p>"
    markup = tradeoff(compared(lpips=False).results, with_reference=True)
    assert "n/a: no weights &lt;here&gt;." in markup
    assert "Without an original" in tradeoff(compared(is_original=False).results, with_reference=False)


def test_the_mean_of_a_lpips_map_is_the_score(found: Comparison, data_backbones: Path) -> None:
    markup = last(show_maps(found, "", "", MapControls(kind=LPIPS)))
    from decloss.metrics import lpips
    from decloss.pixels import to_tensor

    for result in found.results:
        assert f"LPIPS {lpips(to_tensor(result.pixels), to_tensor(HR)).item():.4f}" in markup


def test_the_window_starts_where_details_differ_most_and_a_brighter_picture_does_not_count(found: Comparison) -> None:
    look = show_windows(found, 50, 50, 24)
    assert look is not None
    region = window_of_difference([result.pixels for result in found.results], 24)
    assert look["start"] == [(region.left + 12) / 96, (region.top + 12) / 64]
    assert region.left <= 40 and region.left + 24 >= 56 and region.top <= 20 and region.top + 24 >= 36
    assert [picture["name"] for picture in look["pictures"]] == ["LR", "edsr-l1", "<own>", "HR"]
    served = [np.asarray(Image.open(file_of(picture["source"]))) for picture in look["pictures"]]
    assert np.array_equal(served[3], HR) and np.array_equal(served[1], found.results[0].pixels)
    assert json.loads(json.dumps(look)) == look


def test_spectra_come_part_by_part_and_say_what_each_is(found: Comparison) -> None:
    pieces = list(show_spectra(found))
    assert [piece.count("<img") for piece in pieces] == [1, 2, 3]
    assert pieces[-1].count('class="ink curve"') == 2 and "reference" in pieces[-1]
    assert 'alt="Spectrum: EDSR · pixel loss"' in pieces[-1] and "<own>" not in pieces[-1]


def test_downloads_are_one_zip_and_a_fold_with_the_single_files(found: Comparison) -> None:
    markup = download_links(found, found.write_files({}))
    before, fold = markup.split("<details>")
    assert before.count("<a ") == 1 and 'download="decloss.zip"' in before and "(ZIP, " in before
    assert re.findall(r'download="([^"]+)"', fold) == ["LR.png", "edsr-l1.png", "own.png", "HR.png"]
    assert file_of(re.findall(r'href="([^"]+)"', before)[0]).read_bytes()[:2] == b"PK" and "×" not in markup


def test_a_copy_that_was_swept_is_made_again(found: Comparison) -> None:
    path = found.pictures["HR"].path
    copy = file_of(address(found, path))
    copy.unlink()
    assert address(found, path) and copy.is_file()


def test_the_zip_of_an_example_is_written_once_and_is_there_again_after_it_was_swept(found: Comparison) -> None:
    networks = Networks(default_zoo(), [], pytest.fail)
    own, copy = Path(found.folder.name) / "decloss.zip", re.compile('href="([^"]+)" download="decloss.zip"')
    first = show_links(networks, found)
    written = own.stat().st_ino
    for swept in ([], [file_of(copy.findall(first)[0])], [own], [own, file_of(copy.findall(first)[0])]):
        for path in swept:
            path.unlink()
        links = show_links(networks, found)
        assert own.is_file() and all(file_of(path).is_file() for path in re.findall('href="([^"]+)"', links))
        assert own in swept or own.stat().st_ino == written
        written = own.stat().st_ino


def test_every_shipped_network_has_one_sentence_and_others_get_one_by_their_card() -> None:
    assert set(LOOK_FOR) == {BICUBIC, SHARPENED, *TABLE_1_NAMES}
    assert all(sentence.count(".") == 1 and len(sentence) < 120 for sentence in LOOK_FOR.values())
    zoo = default_zoo()
    cards = {name: zoo.card(name)["training"] for name in TABLE_1_NAMES}
    by_card = {name: look_for("own", training) for name, training in cards.items()}
    assert by_card["edsr-l1"] == PIXELS and by_card["edsr-l1-dec"] == CONTRASTIVE
    assert by_card["edsr-l1-vgg-dec"] == PERCEPTUAL and by_card["rrdb-l1-vgg-ragan"] == ADVERSARIAL
    for nonsense in (None, [], [3], "x", [{}], [{"losses": {"adversarial_weight": "1"}}]):
        assert look_for("own", nonsense) in (UNKNOWN, PIXELS)


def test_the_table_has_plain_names_sentences_and_marks_and_strangers_wait_for_their_card(found: Comparison) -> None:
    table = score_table(found.results, with_reference=True, failed={"rrdb-l1-vgg-dec": "damaged"}, waiting=[BICUBIC])
    assert "<b>EDSR · pixel loss</b> <small>edsr-l1</small>" in table and LOOK_FOR["edsr-l1"] in table
    assert 'class="best" title="best">29.00' in table and UNKNOWN not in table and "<own>" not in table
    assert table.count("<svg") == 4 and "damaged" in table
    assert UNKNOWN in score_table(found.results, with_reference=True, failed={}, training=lambda name: None)


def test_a_click_chooses_a_network_of_this_comparison_and_nothing_else(found: Comparison) -> None:
    def click(value: object) -> gr.SelectData:
        return gr.SelectData(None, {"index": 0, "value": value})

    assert choose_network(found, click("edsr-l1")) == "edsr-l1"
    for wrong in ("HR", "gone", None, ["edsr-l1"], 10**400):
        with pytest.raises(gr.Error, match="The network must be one of"):
            choose_network(found, click(wrong))
    with pytest.raises(gr.Error, match="no longer"):
        choose_network(None, click("edsr-l1"))

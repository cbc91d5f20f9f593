"""The app through its running server: the API, every kind of file, and values that no page would send."""

import base64
import itertools
import re
import uuid
from pathlib import Path

import httpx
import numpy as np
import pytest
from conftest import sample_photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from image_files import BAD_FILES, GOOD_FILES, save
from PIL import Image

from decloss import load_checkpoint, make_lr, psnr, upscale
from decloss.pixels import quantize, to_pixels, to_tensor

WITH, WITHOUT = "I have the original", "Upscale this"


@pytest.fixture(scope="module")
def client(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app_url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


def compare(client: Client, photo: Path | None, **values: object) -> tuple:
    """One call of the endpoint as its documentation names it: gallery, table, status, scores, map, crops."""
    arguments = {"mode": WITH, "checkpoints": ["bicubic"], **values}
    return client.predict(photo=handle_file(str(photo)) if photo else None, api_name="/compare", **arguments)


@pytest.fixture(scope="module")
def photo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("upload") / "photo.png"
    Image.fromarray(sample_photo(80, 120)).save(path)
    return path


def read(picture: dict) -> np.ndarray:
    return np.array(Image.open(picture["image"]).convert("RGB"))


def test_the_api_returns_every_result_losslessly_with_its_true_scores(client: Client, photo_file: Path) -> None:
    names = ["bicubic", "edsr-l1", "tiny-a"]
    gallery, table, status, scores, _, crops = compare(client, photo_file, checkpoints=names)
    assert [picture["caption"].split(" · ")[0] for picture in gallery] == ["LR", *names, "HR"]
    assert len(crops) == 5 and "Done" in status
    hr = to_tensor(sample_photo(80, 120).copy())
    assert np.array_equal(read(gallery[-1]), sample_photo(80, 120))
    for name, picture in zip(names, gallery[1:-1], strict=True):
        model = load_checkpoint(name) if name != "tiny-a" else None
        shown = read(picture)
        if model is not None:
            expected = to_pixels(quantize(upscale(model, make_lr(hr))))
            assert np.abs(shown.astype(int) - expected).max() <= 1
        true = psnr(to_tensor(shown), hr).item()
        assert scores[name]["psnr_y"] == pytest.approx(true, abs=1e-3)
        assert f"{true:.2f}" in table
    assert scores["edsr-l1"]["parameters"] == 1_517_571 and scores["edsr-l1"]["seconds"] > 0


def test_a_damaged_checkpoint_is_explained_and_the_others_run(
    client: Client, photo_file: Path, tiny_checkpoints: Path
) -> None:
    _, table, status, scores, *_ = compare(client, photo_file, checkpoints=["bicubic", "broken", "tiny-b"])
    assert list(scores) == ["bicubic", "tiny-b"] and "Done" in status
    assert "broken.safetensors is truncated" in table
    assert str(tiny_checkpoints) not in table


def test_results_come_one_by_one(app_url: str) -> None:
    content = save(Image.fromarray(sample_photo(40, 40)), "PNG")
    photo = {"path": "x", "url": "data:image/png;base64," + base64.b64encode(content).decode()}
    events = call_raw(app_url, photo, ["bicubic", "tiny-a"]).split("\n")
    steps = [event for event in events if "process_generating" in event]
    arrived = [next(i for i, event in enumerate(steps) if f"{name}.png" in event) for name in ("bicubic", "tiny-a")]
    assert arrived[0] < arrived[1]


def test_without_an_original_nothing_is_measured(client: Client, photo_file: Path) -> None:
    gallery, table, _, scores, *_ = compare(client, photo_file, mode=WITHOUT, checkpoints=["bicubic", "tiny-a"])
    assert [picture["caption"].split(" · ")[0] for picture in gallery] == ["LR", "bicubic", "tiny-a"]
    assert scores["bicubic"]["psnr_y"] is None and "PSNR" not in table
    assert read(gallery[1]).shape == (320, 480, 3)


@pytest.mark.parametrize("name", ["exif 6 jpeg", "16-bit grey tiff", "palette with alpha", "cmyk jpeg", "animated gif"])
def test_kinds_that_are_changed_work_through_the_server(client: Client, tmp_path: Path, name: str) -> None:
    content, expected, note = GOOD_FILES[name]()
    path = tmp_path / f"{re.sub('[^a-z0-9]', '-', name)}.png"  # whatever the name says, the content decides
    path.write_bytes(content)
    gallery, _, status, *_ = compare(client, path)
    assert note in status
    hr = read(gallery[-1])
    assert hr.shape == expected.shape
    assert np.abs(hr.astype(int) - expected).mean() < 3


@pytest.mark.parametrize(
    ("name", "suffix"),
    zip([name for name in BAD_FILES if name != "empty"], itertools.cycle(["png", "jpg", "svg", "gif"])),
)
def test_a_bad_file_gives_one_sentence_through_the_server(
    client: Client, tmp_path: Path, name: str, suffix: str
) -> None:
    content, message = BAD_FILES[name]()
    path = tmp_path / f"bad.{suffix}"
    path.write_bytes(content)
    with pytest.raises(AppError, match=message) as error:
        compare(client, path)
    assert "Traceback" not in str(error.value)


def test_small_photos_give_a_sentence_and_the_least_that_works_works(client: Client, tmp_path: Path) -> None:
    for size, mode, works in (
        ((1, 1), WITH, False),
        ((1, 1), WITHOUT, False),
        ((31, 40), WITH, False),
        ((32, 33), WITH, True),
        ((8, 8), WITHOUT, True),
    ):
        path = tmp_path / f"{size[0]}x{size[1]}.png"
        Image.fromarray(sample_photo(*size)).save(path)
        if works:
            assert "Done" in compare(client, path, mode=mode)[2]
        else:
            with pytest.raises(AppError, match=f"too small or too narrow \\({size[1]} x {size[0]}\\)"):
                compare(client, path, mode=mode)


@pytest.mark.parametrize(
    ("mode", "fit", "note"),
    [(WITH, "Cut out a piece", "was cut"), (WITHOUT, "Shrink the whole photo", "was shrunk")],
)
def test_a_25_megapixel_photo_is_framed_with_a_message(
    client: Client, tmp_path: Path, mode: str, fit: str, note: str
) -> None:
    path = tmp_path / "large.jpg"
    Image.fromarray(np.tile(sample_photo(500, 500), (10, 10, 1))).save(path, quality=80)
    gallery, _, status, *_ = compare(client, path, mode=mode, fit=fit, side=512)
    assert note in status and "5000 x 5000" in status
    assert max(read(gallery[1]).shape) == 512


def test_the_largest_files_of_25_megapixels_work(client: Client, tmp_path: Path) -> None:
    """An uncompressed one, and one whose upright copy is much larger than the file that came."""
    noise = np.random.default_rng(0).integers(0, 256, (4000, 6000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.bmp")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise).save(tmp_path / "rotated.jpg", quality=60, exif=exif)
    assert "6000 x 4000 photo" in compare(client, tmp_path / "noise.bmp", side=256)[2]
    status = compare(client, tmp_path / "rotated.jpg", side=256)[2]
    assert "4000 x 6000 photo" in status and "upright" in status


def test_a_photo_that_was_swept_away_is_asked_for_again(app_url: str) -> None:
    content = save(Image.fromarray(sample_photo(40, 40)), "PNG")
    answer = httpx.post(f"{app_url}gradio_api/upload", files={"files": ("photo.png", content)})
    (path,) = answer.json()
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    assert '"success":true' in call_raw(app_url, photo).replace(" ", "")
    Path(path).unlink()
    assert "no longer on the server" in call_raw(app_url, photo)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mode": "both"}, "The mode must be one of"),
        ({"mode": ["I have the original"]}, "The mode must be one of"),
        ({"checkpoints": []}, "at least one"),
        ({"checkpoints": "bicubic"}, "at least one"),
        ({"checkpoints": ["../../etc/passwd"]}, "must be one of"),
        ({"checkpoints": [["bicubic"]]}, "must be one of"),
        ({"side": 1e9}, "size of the result"),
        ({"side": True}, "size of the result"),
        ({"x": -1}, "centre"),
        ({"fit": "stretch"}, "fit"),
        ({"region_side": 100_000}, "region"),
    ],
    ids=str,
)
def test_values_that_the_page_would_not_send_are_refused(
    client: Client, photo_file: Path, values: dict[str, object], message: str
) -> None:
    with pytest.raises(AppError, match=f"(?i){message}|The value of “.+” must be (one of|a number from)"):
        compare(client, photo_file, **values)


def test_without_a_photo_it_asks_for_one(client: Client) -> None:
    with pytest.raises(AppError, match="Choose a photo"):
        compare(client, None)


def call_raw(app_url: str, photo: object, checkpoints: tuple[str, ...] | list[str] = ("bicubic",)) -> str:
    """Join the queue as the page does, with any payload; the text of the events that follow."""
    with httpx.Client(base_url=app_url, timeout=60) as http:
        config = http.get("config").json()
        (target,) = (entry for entry in config["dependencies"] if entry["api_name"] == "compare")
        values = [photo, WITH, list(checkpoints), "Cut out a piece", 256, 50, 50, 50, 50, 64, 1, None, None]
        session = uuid.uuid4().hex
        body = {"data": values, "fn_index": target["id"], "session_hash": session}
        answer = http.post("gradio_api/queue/join", json=body)
        if answer.status_code != 200:
            return answer.text
        lines = []
        with http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as events:
            for line in events.iter_lines():
                lines.append(line)
                if "process_completed" in line or "close_stream" in line:
                    break
        return "\n".join(lines)


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "../app.py", "checkpoints/edsr-l1.json"])
def test_files_of_the_server_cannot_be_read_as_photos(app_url: str, path: str) -> None:
    text = call_raw(app_url, {"path": path, "meta": {"_type": "gradio.FileData"}})
    assert '"success":true' not in text.replace(" ", "")
    assert "not an image" not in text  # it would mean that the file was opened
    assert httpx.get(f"{app_url}gradio_api/file={path}").status_code in (403, 404)


def test_the_page_loads_nothing_from_elsewhere(app_url: str) -> None:
    page = httpx.get(app_url).text
    foreign = re.findall(r"(?:(?:src|href)=[\"']?|url\([\"']?)((?:https?:)?//[^\"' >)]+)", page)
    assert not [address for address in foreign if not address.startswith(app_url.rstrip("/"))]

"""The API: what it offers, that its numbers are the library's, what it refuses."""

import math
import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import httpx
import numpy as np
import pytest
from conftest import ROOT, sample_photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from image_files import BAD_FILES
from PIL import Image

import decloss
from decloss.figures.frequency import LUMA
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import json_file
from decloss.jobs.settings import JobSettings
from decloss.pixels import to_pixels, to_tensor
from decloss.ui.finetune.endpoint import make_finetune_status
from decloss.ui.parts.visitor import build_mine

OURS = ("/frequency", "/contrast", "/coo", "/playground", "/paper", "/finetune_status")
HR = sample_photo(192, 192)


@pytest.fixture(scope="module")
def client(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app_url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> dict:
    path = tmp_path_factory.mktemp("api") / "photo.png"
    Image.fromarray(HR).save(path)
    return handle_file(str(path))


@pytest.fixture(scope="module")
def sr() -> np.ndarray:
    """What bicubic makes of the photo: 8-bit, as the tabs see it."""
    return to_pixels(decloss.upscale(decloss.load_checkpoint("bicubic"), decloss.make_lr(to_tensor(HR))))


def read(path: str) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_every_main_function_is_offered_with_types_and_words_and_nothing_else(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert set(endpoints["named_endpoints"]) == {"/compare", "/finetune", *OURS}
    assert not endpoints["unnamed_endpoints"]
    for name, endpoint in endpoints["named_endpoints"].items():
        assert endpoint["description"].endswith("."), name
        for parameter in endpoint["parameters"]:
            where = f"{name}: {parameter['parameter_name']}"
            assert parameter["python_type"]["type"] not in ("", "Any"), where
            if name in OURS:
                assert parameter["label"] == parameter["parameter_name"], where
                assert parameter["python_type"]["description"].endswith("."), where
            elif parameter["parameter_name"] != "owner":  # of the browser, which has no words for anyone
                assert not parameter["label"].startswith("parameter_"), where
        for returned in endpoint["returns"]:
            assert returned["python_type"]["type"] not in ("", "Any"), name
            assert name not in OURS or returned["python_type"]["description"].endswith("."), name


def test_frequency_gives_the_mask_and_what_it_makes_of_both(client: Client, photo: dict, sr: np.ndarray) -> None:
    mask, hr_enhanced, sr_enhanced, numbers = client.predict(photo=photo, alpha=2.0, mu=0.2, api_name="/frequency")
    mu = 0.2 * 192
    assert numbers["mu_bins"] == pytest.approx(mu)
    assert numbers["dc_weight"] == pytest.approx((2 * math.exp(-(95.5**2) / (2 * mu**2))) ** 2, rel=1e-4)
    for shown, pixels in ((hr_enhanced, HR), (sr_enhanced, sr)):
        exact = decloss.enhance_high_frequency(to_tensor(pixels).double(), 2.0, mu)[0].permute(1, 2, 0).numpy()
        expected = np.clip(0.5 + numbers["gain"] * exact, 0, 1) * 255
        assert np.abs(read(shown) - expected).max() < 0.6
    assert read(mask).shape == (192, 192, 3) and read(mask)[0, 0].sum() < read(mask)[96, 96].sum() / 10
    for name, pixels in (("hr", HR), ("sr", sr)):  # Parseval
        energy, luma = numbers["energy"][name], pixels / 255 @ np.asarray(LUMA)
        assert energy["power"][0] + energy["detail"] == pytest.approx((luma**2).mean(), rel=1e-4)
    assert numbers["energy"]["sr"]["beyond_lr"] < numbers["energy"]["hr"]["beyond_lr"]


@pytest.mark.parametrize("temperature", ["outside", "inside"])
def test_contrast_gives_the_loss_of_the_library(client: Client, photo: dict, sr: np.ndarray, temperature: str) -> None:
    loss_map, gradient, numbers = client.predict(
        photo=photo, mu=0.3, positive_share=2.0, temperature=temperature, row=4, column=7, api_name="/contrast"
    )
    loss = decloss.DECLoss(mu=0.3 * 192, eta=numbers["eta"], temperature=temperature, backend="dense")
    assert numbers["loss"] == pytest.approx(loss(to_tensor(sr), to_tensor(HR)).item(), abs=1e-4)
    assert numbers["positive_share"] == pytest.approx(2, abs=0.01) and numbers["mini_patches"] == 24
    by_patch, patch = np.array(numbers["loss_by_patch"]), numbers["mini_patch"]
    assert by_patch.shape == (24, 24) and by_patch.mean() == pytest.approx(numbers["loss"], abs=1e-4)
    assert patch["loss"] == pytest.approx(-math.log(patch["q_pos"] / patch["q_neg"]), abs=1e-4)
    assert by_patch[3, 6] == pytest.approx(patch["loss"], abs=1e-4)
    assert read(loss_map).shape == read(gradient).shape == (192, 192, 3)


def test_contrast_takes_eta_in_decibels(client: Client, photo: dict) -> None:
    *_, numbers = client.predict(photo=photo, eta=-60.0, api_name="/contrast")
    assert numbers["eta"] == -60 and numbers["positive_share"] == 100 and numbers["loss"] == 0


def test_coo_gives_the_map_the_distances_and_icoo_with_its_floor(client: Client, photo: dict, sr: np.ndarray) -> None:
    asked = {"checkpoints": ["bicubic", "broken"], "number": 200, "patch_size": 16, "vectors": "Raw", "seed": 3}
    coo = client.predict(photo=photo, **asked, api_name="/coo")
    hr = to_tensor(HR)
    assert coo["icoo"] == {"bicubic": pytest.approx(decloss.icoo(to_tensor(sr), hr).item())}
    assert coo["icoo_floor"] == pytest.approx(decloss.icoo(hr, hr).item()) and list(coo["failed"]) == ["broken"]
    points, places = coo["map"], coo["places"]
    assert np.array(points["hr"]).shape == np.array(places["hr"]).shape == (200, 2)
    assert np.array(points["results"]["bicubic"]).shape == np.array(places["ground_truths"]).shape == (12, 2)
    assert 0.5 < points["trustworthiness"] <= 1 and np.isfinite(points["hr"]).all()
    found = coo["distances"]["bicubic"]
    cut = [
        [image[top : top + 16, left : left + 16].astype(float) / 255 for top, left in places["ground_truths"]]
        for image in (sr, HR)
    ]
    assert found["ground_truth"] == pytest.approx(np.mean([np.linalg.norm(a - b) for a, b in zip(*cut, strict=True)]))
    assert coo["distances_of_hr"]["ground_truth"] == 0


def test_the_playground_ends_at_the_mean_with_mse_and_at_a_mode_that_is_alone(client: Client) -> None:
    mean = client.predict(loss="MSE", steps=200, api_name="/playground")
    assert mean["nearest"] == "the mean" and mean["steps"] == 200
    assert mean["distances"]["mean"] < 0.01 < mean["distances"]["mode 1"]
    frequent = client.predict(loss="L1", first_mode=23, steps=300, api_name="/playground")
    assert frequent["nearest"] == "mode 1" and frequent["distances"]["median"] < frequent["distances"]["mode 2"]


def test_paper_gives_the_printed_numbers_beside_ours(client: Client) -> None:
    table = client.predict(table="table 3", api_name="/paper")
    titles = [(column["source"], column["title"]) for column in table["columns"]]
    (row,) = (row for row in table["rows"] if row[:2] == ["BSD100", "Bicubic"])
    assert row[titles.index(("paper", "PSNR"))] == 24.65
    assert row[titles.index(("ours", "PSNR-RGB"))] == pytest.approx(24.64, abs=0.005)
    assert "LPIPS of" in client.predict(table="claims", data="Set5", api_name="/paper")["rows"][0][0]
    curves = client.predict(table="curves", data="Set5", api_name="/paper")
    assert curves["title"] == "Does DECLoss help, at equal PSNR?" and len(curves["rows"][0]) == len(curves["columns"])


def test_finetune_status_follows_a_finetune_to_its_scores(tmp_path: Path, tiny_checkpoints: Path) -> None:
    finetunes = Finetunes(tmp_path / "data")
    finetunes.data.mkdir()
    with gr.Blocks():
        mine = build_mine(finetunes, "")
    ask = make_finetune_status(mine)
    start = tiny_checkpoints / "tiny-a.safetensors"
    job = finetunes.create(JobSettings("tiny-a", steps=40), "me", start).queue_again()
    waiting = ask(job.id)
    assert (waiting["state"], waiting["step"], waiting["steps"], waiting["scores"]) == ("waiting", 0, 40, None)
    job.run_path.mkdir(exist_ok=True)
    (job.run_path / "metrics.jsonl").write_text('{"step": 40, "loss": 0.25}\n', encoding="utf-8")
    scores = {"before": {"psnr_y": 30.0}, "after": {"psnr_y": 31.0}}
    job.checkpoint.parent.mkdir(exist_ok=True)
    result = {"steps": 40, "seconds": 9.0, "scores": scores}
    (job.path / "result" / "result.json").write_bytes(json_file(result))
    finished = ask(job.id)
    assert (finished["state"], finished["step"], finished["loss"]) == ("finished", 40, 0.25)
    assert finished["scores"] == scores and finished["name"].startswith("mine-")
    with pytest.raises(gr.Error, match="not here"):
        make_finetune_status(replace(mine, missing="Finetunes are not here."))("x")


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("frequency", {"alpha": "large"}), ("frequency", {"alpha": True}), ("frequency", {"mu": 0}),
        ("frequency", {"checkpoint": "../../etc/passwd"}), ("frequency", {"checkpoint": ["bicubic"]}),
        ("frequency", {"checkpoint": "broken"}), ("frequency", {"x": 101}), ("frequency", {"y": None}),
        ("contrast", {"patch_size": 17}), ("contrast", {"eta": 1e9}), ("contrast", {"t_pos": 0}),
        ("contrast", {"temperature": "both"}), ("contrast", {"row": 25}), ("contrast", {"column": 0}),
        ("contrast", {"positive_share": {"a": 1}}), ("coo", {"checkpoints": []}), ("coo", {"checkpoints": "bicubic"}),
        ("coo", {"checkpoints": ["bicubic"], "number": 10**9}), ("coo", {"checkpoints": ["bicubic"], "patch_size": 7}),
        ("coo", {"checkpoints": ["bicubic"], "seed": -1}), ("coo", {"checkpoints": ["bicubic"], "perplexity": "x"}),
        ("playground", {"steps": 10**9}), ("playground", {"loss": "GAN"}), ("playground", {"modes": [2]}),
        ("paper", {"table": "table 4"}), ("paper", {"data": "../evaluations"}), ("paper", {"table": 1}),
        ("finetune_status", {"job": "../../etc"}), ("finetune_status", {"job": None}),
        ("finetune_status", {"job": ["x"]}),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_is_refused_in_a_sentence(client: Client, photo: dict, endpoint: str, values: dict) -> None:
    given = {"photo": photo, **values} if endpoint in ("frequency", "contrast", "coo") else values
    with pytest.raises(AppError) as error:
        client.predict(**given, api_name=f"/{endpoint}")
    assert re.fullmatch(r"[^\n]+\.", str(error.value)) and "show_error" not in str(error.value)


@pytest.mark.parametrize("photo", [None, "/etc/passwd", 7, {"path": "/etc/passwd"}, {"path": str(ROOT / "app.py")}])
def test_what_is_no_upload_is_no_photo(client: Client, photo: object) -> None:
    with pytest.raises(AppError, match=r"The photo must be a file: send it with gradio_client\.handle_file\."):
        client.predict(photo=photo, api_name="/frequency")


def test_pictures_of_the_server_cannot_be_looked_at_through_any_photo(app_url: str) -> None:
    """Without Gradio's mark a path is not looked at by Gradio; with it, it must be an upload."""
    sender = Client(app_url, verbose=False, download_files=False)
    sender_of = {"unmarked": {"path": str(ROOT / "assets" / "compare.png")}}
    sender_of["other mark"] = {**sender_of["unmarked"], "meta": {"_type": "other"}}
    for payload in sender_of.values():
        with pytest.raises(AppError, match="upload the file first"):
            sender.predict(photo=payload, checkpoints=["bicubic"], api_name="/compare")


@pytest.mark.parametrize("name", ["decompression bomb", "text"])
def test_photos_are_read_as_strictly_as_on_the_page(client: Client, tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]()
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(AppError, match=message):
        client.predict(photo=handle_file(str(tmp_path / "bad.png")), api_name="/frequency")


def test_a_photo_that_is_too_small_for_a_crop_is_told(client: Client, tmp_path: Path) -> None:
    Image.fromarray(sample_photo(63, 200)).save(tmp_path / "flat.png")
    with pytest.raises(AppError, match=r"too small or too narrow \(200 x 63\): 64 pixels are needed\."):
        client.predict(photo=handle_file(str(tmp_path / "flat.png")), api_name="/contrast")


def test_an_even_photo_has_nothing_to_contrast(client: Client, tmp_path: Path) -> None:
    Image.new("RGB", (96, 96), "grey").save(tmp_path / "grey.png")
    with pytest.raises(AppError, match="Nothing to contrast here"):
        client.predict(photo=handle_file(str(tmp_path / "grey.png")), api_name="/contrast")


def test_internal_callbacks_are_refused_by_the_client_and_by_the_direct_routes(client: Client, app_url: str) -> None:
    with httpx.Client(base_url=app_url, timeout=60) as http:
        functions = [entry for entry in http.get("config").json()["dependencies"] if entry["backend_fn"]]
        internal = [entry for entry in functions if entry["api_visibility"] != "public"]
        assert len(internal) > 80
        for entry in internal:
            assert entry["api_visibility"] == "private", entry["api_name"]
            with pytest.raises(ValueError, match="Invalid function index"):
                client.predict(fn_index=entry["id"])
        for entry in functions:
            if entry["queue"]:
                for route in ("run", "api"):
                    answer = http.post(f"gradio_api/{route}/{entry['api_name']}", json={"data": []})
                    assert answer.status_code == 404, entry["api_name"]
        for entry in internal:
            for route in ("call", "call/v2"):
                answer = http.post(f"gradio_api/{route}/{entry['api_name']}", json={"data": []})
                assert answer.status_code == 404 and "docs/api.md" in answer.text, entry["api_name"]
                assert http.get(f"gradio_api/{route}/{entry['api_name']}/an-event").status_code == 404
        assert http.post("gradio_api/call/paper", json={"data": ["Table 9", "Set5"]}).status_code == 200
        direct = {entry["api_name"] for entry in functions if not entry["queue"]}
        assert not direct


EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_of_the_documentation_run(app_url: str, photo: dict, tmp_path: Path) -> None:
    names: dict = {}
    known = [code for code in EXAMPLES if "/finetune" not in code]  # it would occupy the app for minutes
    assert len(known) == 7
    for code in known:
        here = code.replace("http://localhost:7860", app_url).replace("photo.png", photo["path"])
        exec(compile(here, "docs/api.md", "exec"), names)
    assert names["scores"]["edsr-l1"]["psnr_y"] > 20 and names["outcome"]["steps"] == 100
    assert len(names["coo"]["map"]["results"]["edsr-l1"]) == 12


def test_every_endpoint_is_documented(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    examples = "".join(EXAMPLES)
    for name in endpoints:
        (call,) = re.findall(rf"client\.predict\(([^)]*?)api_name=\"{name}\"", examples, re.DOTALL)
        known = {parameter["parameter_name"] for parameter in endpoints[name]["parameters"]}
        assert set(re.findall(r"\b(\w+)=", call)) <= known, name

"""Checkpoints that an enemy wrote: each is refused in a sentence, quickly, in little memory, by every reader."""

import hashlib
import json
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT, run_python
from hostile_weights import ACCEPTED_BY_SAFETENSORS, GOOD, HEADERS, NOT_THESE, pack, special_files, state
from safetensors.torch import load, save
from systems import linux, posix

from decloss.files.untrusted import WeightsError
from decloss.files.weights import MAX_HEADER_BYTES, TYPES, parse_weights, read_header
from decloss.jobs.directory import Job
from decloss.jobs.folder import JobFolder
from decloss.jobs.record import JobError
from decloss.models import EDSR
from decloss.models.backbones import FOLDER_VARIABLE, BackboneUnavailableError, load_trunk
from decloss.training.config import Schedule
from decloss.training.players import Player, Players
from decloss.training.run_directory import RunDirectory
from decloss.ui.compare.comparison import start_comparison
from decloss.ui.parts.visitor import read_id
from decloss.views.comparison import Result, Task
from decloss.zoo.checkpoint import CheckpointError, load_checkpoint_file, save_checkpoint
from decloss.zoo.foreign import foreign_architecture, load_foreign
from decloss.zoo.registry import default_zoo

WEIGHTS = {**HEADERS, **NOT_THESE}
DEEP = b'{"a":' * 100_000
HTML = "<img src=x onerror=alert(1)>"


def changed(**parts: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda card: json.dumps({**card, **parts}).encode()


def architecture(**sizes: Any) -> Callable[[dict[str, Any]], bytes]:
    return changed(architecture={"type": "EDSR", "features": 8, "blocks": 1, **sizes})


CARDS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "empty": lambda card: b"",
    "no JSON": lambda card: b"{",
    "no UTF-8": lambda card: b'{"format": "\xff"}',
    "UTF-16": lambda card: json.dumps(card).encode("utf-16"),
    "nested deep": lambda card: DEEP,
    "nested in its metrics": changed(metrics=json.loads('{"a":' * 20 + "1" + "}" * 20)),
    "a name twice": lambda card: json.dumps(card).encode()[:-1] + b', "architecture": {"type": "RRDBNet"}}',
    "not a number": changed(parameters=float("nan")),
    "an infinite number": lambda card: json.dumps(card).encode()[:-1] + b', "seconds": 1e999}',
    "half a character": changed(name="\ud800"),
    "a number of 5,000 digits": lambda card: json.dumps(card).encode()[:-1] + b', "a": ' + b"9" * 5000 + b"}",
    "over a megabyte": changed(notes="a" * 2**20),
    "a list": lambda card: json.dumps([card]).encode(),
    "of another format": changed(format="1"),
    "an architecture that is text": changed(architecture="EDSR"),
    "an architecture that is code": architecture(type="os.system"),
    "an architecture that is markup": architecture(type=HTML),
    "an architecture of a megabyte": architecture(type="E" * 900_000),
    "an architecture that is a list": architecture(type=["EDSR"]),
    "another word for itself": architecture(self=1),
    "a word of a megabyte": architecture(**{"a" * 900_000: 1}),
    "a word with underscores": architecture(__class__=1),
    "a million features": architecture(features=10**6),
    "a thousand blocks": architecture(features=1, blocks=1000),
    "a network of gigabytes": architecture(features=1024, blocks=128),
    "no features": architecture(features=0),
    "features that are true": architecture(features=True),
    "fractional features": architecture(features=8.5),
    "features in words": architecture(features="8"),
    "a negative scale": architecture(residual_scale=-1),
    "training that is text": changed(training="yes"),
    "training in numbers": changed(training=[1, 2]),
    "metrics that are a list": changed(metrics=[]),
    "weights that are text": changed(weights="sha256"),
    "parameters in words": changed(parameters="many"),
    "a name that is a list": changed(name=["a"]),
    "no digest": changed(weights={}),
    "the digest of another file": changed(weights={"sha256": "0" * 64}),
    "a digest that is a number": changed(weights={"sha256": 0}),
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A good checkpoint."""
    path = tmp_path / "small.safetensors"
    model = EDSR(8, 1)
    model.load_state_dict(state())
    save_checkpoint(model, path, {"training": [], "metrics": {}})
    return path


def put(path: Path, content: bytes) -> None:
    """Replace the weights, with a card that has their digest: whoever can write one file can write the other."""
    path.write_bytes(content)
    card = json.loads(path.with_suffix(".json").read_bytes())
    card["weights"]["sha256"] = hashlib.sha256(content).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")


def refusal(path: Path) -> str:
    """The sentence with which the checkpoint is refused."""
    with pytest.raises(CheckpointError) as error:
        load_checkpoint_file(path)
    sentence = str(error.value).replace(str(path.parent), "")
    assert sentence.startswith("/small.") and 20 < len(sentence) < 350 and sentence.isprintable()
    return sentence


def test_the_corpus_is_large_and_what_it_is_made_from_is_good(saved: Path) -> None:
    assert len(WEIGHTS) + len(CARDS) >= 100
    put(saved, GOOD)
    assert torch.equal(load_checkpoint_file(saved).state_dict()["tail.bias"], state()["tail.bias"])


@pytest.mark.parametrize("name", WEIGHTS)
def test_hostile_weights_are_refused_in_a_sentence(saved: Path, name: str) -> None:
    put(saved, WEIGHTS[name]())
    assert refusal(saved)


@pytest.mark.parametrize("name", CARDS)
def test_hostile_cards_are_refused_in_a_sentence(saved: Path, name: str) -> None:
    card = json.loads(saved.with_suffix(".json").read_bytes())
    saved.with_suffix(".json").write_bytes(CARDS[name](card))
    assert "Traceback" not in refusal(saved)


@posix
@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
@pytest.mark.parametrize("name", special_files(Path()))
def test_what_is_no_file_is_refused(saved: Path, suffix: str, name: str) -> None:
    path = saved.with_suffix(suffix)
    path.unlink()
    special_files(path)[name]()
    assert path.name in refusal(saved)


@linux
def test_the_whole_corpus_needs_little_memory_and_time(saved: Path, tmp_path: Path) -> None:
    """In a process that may take 256 MiB more than it has after its imports, and a minute of the processor."""
    for number, make in enumerate(WEIGHTS.values()):
        path = tmp_path / f"{number}.safetensors"
        path.with_suffix(".json").write_bytes(saved.with_suffix(".json").read_bytes())
        put(path, make())
    code = (
        "import re, resource, sys; from pathlib import Path; import decloss\n"
        "from decloss.zoo.foreign import foreign_architecture\n"
        "from decloss.zoo.checkpoint import CheckpointError, load_checkpoint_file\n"
        "status = Path('/proc/self/status').read_text()\n"
        "room = int(re.search(r'VmSize:\\s+(\\d+)', status)[1]) * 1024 + 256 * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (room, room))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
        "for path in sorted(Path(sys.argv[1]).glob('[0-9]*.safetensors')):\n"
        "    foreign_architecture(path)\n"
        "    try: load_checkpoint_file(path)\n"
        "    except CheckpointError: print('refused')\n"
    )
    result = run_python("-c", code, str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("refused") == len(WEIGHTS)


@pytest.mark.parametrize("name", HEADERS)
def test_every_other_reader_refuses_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content = HEADERS[name]()
    foreign = tmp_path / "theirs.safetensors"
    foreign.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"theirs\.safetensors (is|holds)"):
        load_foreign(foreign)
    foreign_architecture(foreign)  # reads the header alone, and never fails
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "vgg16_features.safetensors").write_bytes(content)
    with pytest.raises(BackboneUnavailableError, match="cannot be read"):
        load_trunk("vgg16")
    run = RunDirectory(tmp_path / "jobs" / ("a" * 22) / "run", resume=True)
    run.state_path.parent.mkdir()
    run.state_path.write_bytes(content)
    model = EDSR(8, 1)
    with pytest.raises(ValueError, match="delete it to start again"):
        run.restore(Players(Player(model, model, Schedule()), None, None))
    assert Job(run.path.parent).saved_step() == 0


@pytest.mark.parametrize("metadata", [{}, {"step": "many", "seconds": "1"}, {"step": "1"}], ids=str)
def test_a_state_to_resume_from_must_say_its_step(tmp_path: Path, metadata: dict[str, str]) -> None:
    model = EDSR(8, 1)
    players = Players(Player(model, model, Schedule()), None, None)
    run = RunDirectory(tmp_path / "run")
    run.save(players, 3, 1.5)
    assert run.restore(players) == (3, 1.5)
    content = run.state_path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = {**json.loads(content[8 : 8 + length]), "__metadata__": metadata}
    run.state_path.write_bytes(pack(header, content[8 + length :]))
    with pytest.raises(ValueError, match="delete it to start again"):
        run.restore(players)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_known_type_is_read(dtype: torch.dtype) -> None:
    tensors, metadata = parse_weights(save({"a": torch.zeros(3, dtype=dtype)}))
    assert not tensors["a"].any() and tensors["a"].shape == (3,) and metadata == {}


@pytest.mark.parametrize(("dtype", "size"), [("F4", 2), ("F8_E4M3", 4), ("F8_E8M0", 4), ("U16", 8), ("C64", 32)])
def test_types_that_torch_cannot_calculate_with_are_refused(dtype: str, size: int) -> None:
    with pytest.raises(WeightsError, match="of the type"):
        parse_weights(pack({"a": {"dtype": dtype, "shape": [4], "data_offsets": [0, size]}}, bytes(size)))


def test_the_largest_header_that_is_allowed_is_read(tmp_path: Path) -> None:
    good = json.dumps({"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "a.safetensors").write_bytes(content := pack(good.ljust(MAX_HEADER_BYTES), struct.pack("<f", 1.5)))
    assert read_header(tmp_path / "a.safetensors").shapes == {"a": ()}
    assert parse_weights(content)[0]["a"].item() == 1.5


@pytest.mark.parametrize("name", ACCEPTED_BY_SAFETENSORS)
def test_what_is_checked_here_the_library_would_accept(name: str) -> None:
    """Else the check could go."""
    content = HEADERS[name]()
    load(content)
    with pytest.raises(WeightsError):
        parse_weights(content)


def test_weights_that_half_precision_cannot_hold_are_not_saved(tmp_path: Path) -> None:
    model = EDSR(8, 1)
    with torch.no_grad():
        model.tail.bias[0] = 1e5
    save_checkpoint(model, tmp_path / "large.safetensors", {})
    with pytest.raises(CheckpointError, match=r"half\.safetensors holds weights that are not finite"):
        save_checkpoint(model, tmp_path / "half.safetensors", {}, torch.float16)
    assert not (tmp_path / "half.safetensors").exists()


NAMES = ["../beside", "..", ".", "", "/etc/passwd", "a/../../b", "a\\..\\b", "a\0b", "~", "%2e%2e%2f", "\u2025/x"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_visitor_names_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "beside.safetensors").write_bytes(GOOD)
    (tmp_path / "more").mkdir()
    with pytest.raises(CheckpointError, match="no checkpoint called"):
        default_zoo(tmp_path / "more").load(name)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "job.json").write_text("{}", encoding="utf-8")
    with pytest.raises(JobError, match="no such finetune"):
        JobFolder(tmp_path).find(name)
    if name:
        with pytest.raises(ValueError, match="no finetune"):
            read_id(name)
    pixels = torch.zeros(8, 8, 3, dtype=torch.uint8).numpy()
    comparison = start_comparison(Task(pixels[:2, :2], None, ())).with_result(Result(name, pixels, 0.1, 0, None))
    path = Path(comparison.pictures[name].path)
    assert path.resolve().parent == Path(comparison.folder.name).resolve() and re.fullmatch(r"[\w.-]*\.png", path.name)


@pytest.mark.parametrize("job_id", ["a" * 22, "-" * 22, "_" * 22, "A-_" * 7 + "b"])
def test_a_finetunes_checkpoint_has_a_name_of_ours(tmp_path: Path, job_id: str) -> None:
    assert re.fullmatch(r"mine-[a-z0-9]{6}", Job(tmp_path / job_id).name)


RISKY = r"pickle\.load|torch\.load\(|joblib|np\.load\(|yaml\.load|marshal|shelve|(?<!\.)\beval\(|(?<!\.)\bexec\("
SAFE = ("weights_only=True", "allow_pickle=False")
UNPICKLING = r"(?m)^\s*(?:import|from) (?:_?pickle|dill|cloudpickle)\b|from torch import .*\bload\b|\bnumpy\.load\("


def test_no_module_unpickles() -> None:
    """The command line reads others' .pth files, but tensors and plain containers only."""
    found = [
        f"{path}: {line}"
        for path in (ROOT / "decloss").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(RISKY, line)
    ]
    assert len(found) == 3 and all(any(safe in line for safe in SAFE) for line in found)
    modules = (ROOT / "decloss").rglob("*.py")
    knowing = [path.name for path in modules if re.search(UNPICKLING, path.read_text(encoding="utf-8"))]
    assert knowing == ["foreign.py"]  # for the name of an error

"""The directory of a training run: configuration, metrics, the state to resume from, and the checkpoint.

config.json                 recipe, schedule, data, commit, environment
metrics.jsonl               one JSON object a logged step
state/latest.safetensors    weights and Adam's moments of all networks, exactly; step and seconds in its header
NAME.safetensors, NAME.json the checkpoint so far, loadable by ``load_checkpoint``
snapshots/                  the checkpoints of earlier steps that are kept, NAME-STEP
samples/                    what the networks of some steps make of one image, STEP.png
log.txt                     what a stage of ``zoo train --at-once`` printed
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.torch import save as save_tensors

from decloss.files.atomic import write_atomically
from decloss.files.untrusted import read_bytes
from decloss.files.weights import parse_weights
from decloss.training.config import Origin, Recipe
from decloss.training.players import Players
from decloss.training.provenance import code_version, environment

MAX_STATE_BYTES = 4 * 2**30
# These may change between a run and its continuation; all else decides the weights.
FREE_FIELDS = ("steps", "checkpoint_every", "snapshot_every", "log_every", "validate_every")


class RunDirectory:
    """The files of one run below ``path``.

    Args:
        path: the directory, which is created if missing.
        resume: whether to continue the run found there; without one, it is started.

    Raises:
        ValueError: if the directory holds a run or a checkpoint and ``resume`` is false.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path = path
        self.state_path = path / "state" / "latest.safetensors"
        self.metrics_path = path / "metrics.jsonl"
        occupied = self.state_path.exists() or self.metrics_path.exists() or any(path.glob("*.safetensors"))
        if occupied and not resume:
            raise ValueError(f"{path} already holds a run: pass --resume to continue it, or choose another directory")
        path.mkdir(parents=True, exist_ok=True)

    def checkpoint_path(self, name: str) -> Path:
        """Return where the loadable checkpoint goes."""
        return self.path / f"{name}.safetensors"

    def snapshot_path(self, name: str, step: int) -> Path:
        """Return where the checkpoint of ``step`` is kept."""
        return self.path / "snapshots" / f"{name}-{step:06d}.safetensors"

    def configure(self, recipe: Recipe, origin: Origin, fingerprint: str, *, writes: bool = True) -> None:
        """Store the resolved configuration, the commit and the environment of a run that starts or goes on.

        With ``writes`` false, as in all processes but one, the configuration is only checked.

        Raises:
            ValueError: if the run that goes on was started with other settings, photos, or weights.
        """
        config = {
            "recipe": {"name": recipe.name, "architecture": recipe.architecture},
            "losses": asdict(recipe.losses),
            "schedule": asdict(recipe.schedule),
            "data": origin.data,
            "data_fingerprint": fingerprint,
            "init": origin.init["weights"]["sha256"] if origin.init else None,
            "commit": code_version(),
            "environment": environment(),
        }
        path = self.path / "config.json"
        if self.state_path.exists():
            self._check_same(json.loads(path.read_bytes()), json.loads(json.dumps(config)))
        if writes:
            write_atomically(path, (json.dumps(config, indent=2) + "\n").encode())

    def log(self, metrics: dict[str, Any]) -> None:
        """Append one line to ``metrics.jsonl``."""
        with self.metrics_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")

    def save(self, players: Players, step: int, seconds: float) -> None:
        """Replace the state to resume from."""
        # safetensors stores plain memory; the channels-last layout is set again when the model is moved.
        plain = {key: value.detach().cpu().contiguous() for key, value in players.state().items()}
        header = {"step": str(step), "seconds": repr(seconds)}
        write_atomically(self.state_path, save_tensors(plain, header))

    def restore(self, players: Players, *, writes: bool = True) -> tuple[int, float]:
        """Load the saved state, if there is one, into ``players``.

        Returns:
            The steps done and the seconds spent; (0, 0.0) for a new run.

        Raises:
            ValueError: if the state is damaged, or is that of other networks.
        """
        if not self.state_path.exists():
            if writes:
                self.metrics_path.unlink(missing_ok=True)
            return 0, 0.0
        try:
            tensors, header = parse_weights(read_bytes(self.state_path, MAX_STATE_BYTES))
            players.load_state(tensors)
            step, seconds = int(header["step"]), float(header["seconds"])
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise ValueError(f"{self.state_path} is damaged ({error}); delete it to start again") from error
        if writes:
            self.forget_after(step)
        return step, seconds

    def _check_same(self, stored: dict[str, Any], wanted: dict[str, Any]) -> None:
        kept = [(name, stored.get(name), wanted[name]) for name in ("recipe", "data_fingerprint", "init")]
        for group in ("schedule", "losses"):
            kept += [(name, stored.get(group, {}).get(name), value) for name, value in wanted[group].items()]
        kept.sort(key=lambda entry: entry[0] == "eta")  # eta follows from others, which are to be named first
        for name, before, now in kept:
            if name not in FREE_FIELDS and before != now:
                raise ValueError(
                    f"the run in {self.path} was started with {name}={before}, not {now}; "
                    f"resume it with the same settings and photos, or choose another directory"
                )

    def forget_after(self, step: int) -> None:
        """Drop the metrics of steps after ``step``, which will be done again."""
        if self.metrics_path.exists():
            lines = self.metrics_path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
            write_atomically(self.metrics_path, "".join(kept).encode())

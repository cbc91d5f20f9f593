"""The directory of a training run: configuration, metrics, the state to resume from, and the checkpoint.

config.json                 recipe, schedule, data, commit, environment
metrics.jsonl               one JSON object a logged step
state/latest.safetensors    weights and Adam's moments, exactly; step and seconds in its header
NAME.safetensors, NAME.json the checkpoint so far, loadable by ``load_checkpoint``
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from decloss.training.atomic import write_atomically
from decloss.training.config import Origin, Recipe, Schedule
from decloss.training.provenance import code_version, environment

# These may change between a run and its continuation; all else decides the weights.
FREE_FIELDS = ("steps", "checkpoint_every", "log_every")


class RunDirectory:
    """Files of one run below ``path``.

    Args:
        path: created if missing.
        resume: continue the run found there; without one, start it.

    Raises:
        ValueError: if the directory holds a run and ``resume`` is false.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path = path
        self.state_path = path / "state" / "latest.safetensors"
        self.metrics_path = path / "metrics.jsonl"
        if self.state_path.exists() and not resume:
            raise ValueError(f"{path} already holds a run: pass --resume to continue it, or choose another directory")
        path.mkdir(parents=True, exist_ok=True)

    def checkpoint_path(self, name: str) -> Path:
        """Where the loadable checkpoint goes."""
        return self.path / f"{name}.safetensors"

    def write_config(self, recipe: Recipe, schedule: Schedule, origin: Origin) -> None:
        """Store the resolved configuration, the commit and the environment."""
        config = {
            "recipe": asdict(recipe),
            "schedule": asdict(schedule),
            "data": origin.data,
            "init": origin.init["name"] if origin.init else None,
            "commit": code_version(),
            "environment": environment(),
        }
        write_atomically(self.path / "config.json", (json.dumps(config, indent=2) + "\n").encode())

    def log(self, metrics: dict[str, Any]) -> None:
        """Append one line to ``metrics.jsonl``."""
        with self.metrics_path.open("a") as file:
            file.write(json.dumps(metrics) + "\n")

    def save(self, model: nn.Module, optimizer: torch.optim.Optimizer, step: int, seconds: float) -> None:
        """Replace the state to resume from."""
        tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
        for index, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{key}": value for key, value in moments.items()}
        # safetensors stores plain memory; the channels-last layout is set again when the model is moved.
        plain = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
        header = {"step": str(step), "seconds": repr(seconds)}
        write_atomically(self.state_path, save_tensors(plain, header))

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer, schedule: Schedule) -> tuple[int, float]:
        """Load the saved state, if there is one, into ``model`` and ``optimizer``.

        Returns:
            Steps done and seconds spent; (0, 0.0) for a new run.

        Raises:
            ValueError: if the state is damaged, or the run was started with other settings.
        """
        if not self.state_path.exists():
            self.metrics_path.unlink(missing_ok=True)
            return 0, 0.0
        self._check_schedule(schedule)
        try:
            with safe_open(self.state_path, framework="pt") as file:
                header = file.metadata()
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  # not a dict
        except SafetensorError as error:
            raise ValueError(f"{self.state_path} is damaged ({error}); delete it to start again") from error
        model.load_state_dict(_below(tensors, "model."))
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, "adam.").items():
            index, name = key.split(".")
            state.setdefault(int(index), {})[name] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        step = int(header["step"])
        self._forget_after(step)
        return step, float(header["seconds"])

    def _check_schedule(self, schedule: Schedule) -> None:
        stored = json.loads((self.path / "config.json").read_bytes())["schedule"]
        for name, value in asdict(schedule).items():
            wanted = list(value) if isinstance(value, tuple) else value
            if name not in FREE_FIELDS and stored.get(name) != wanted:
                raise ValueError(
                    f"the run in {self.path} was started with {name}={stored.get(name)}, not {value}; "
                    f"resume it with the same settings, or choose another directory"
                )

    def _forget_after(self, step: int) -> None:
        """Drop metrics of steps that will be done again."""
        if self.metrics_path.exists():
            lines = self.metrics_path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
            write_atomically(self.metrics_path, "".join(kept).encode())


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}

"""What a run's metrics.jsonl says of its validations, read without torch."""

import json
from dataclasses import dataclass
from pathlib import Path

METRICS = "metrics.jsonl"
"""The name of the file of metrics in a run directory."""


@dataclass(frozen=True)
class Measured:
    """What one validation found."""

    step: int
    psnr_y: float
    """The mean PSNR on luma in dB."""


def last_measured(run: Path) -> Measured | None:
    """Return the last validation in the directory of a run; None if there was none."""
    path = run / METRICS
    if not path.exists():
        return None
    written = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [json.loads(line) for line in written if line.endswith("\n")]  # the last one may be on its way
    measured = [Measured(line["step"], line["validation"]["psnr_y"]) for line in lines if "validation" in line]
    return measured[-1] if measured else None

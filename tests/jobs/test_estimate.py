"""What a finetune will cost: measured for the shortest, too, and told in words where it cannot be."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from small_job import SETTINGS, small_job

from decloss.jobs import estimate as module
from decloss.jobs.estimate import estimate, measure
from decloss.jobs.record import JobError


def test_a_finetune_of_one_step_is_measured_by_more(tmp_path: Path, tiny_checkpoints: Path, start: Path) -> None:
    small_job(tmp_path / "data", tiny_checkpoints)
    (tmp_path / module.SETTINGS).write_text(json.dumps(asdict(replace(SETTINGS, steps=1))), encoding="utf-8")
    found = measure(tmp_path, start, tmp_path / "data")
    assert found.seconds > found.seconds_per_step > 0


def test_one_kill_of_what_measures_is_told_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start: Path) -> None:
    def killed(*_: Any, **__: Any) -> Iterator[str]:
        yield ""
        raise subprocess.CalledProcessError(-9, "python", "")

    monkeypatch.setattr(module, "run_child", killed)
    with pytest.raises(JobError) as told:
        list(estimate(SETTINGS, start, tmp_path))
    said = str(told.value)
    assert said.startswith("Measuring was killed (signal 9)") and "smaller batch" in said
    assert "several times" not in said and "checkpoint" not in said

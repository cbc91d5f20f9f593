"""Which commit a card names."""

import pytest

import decloss
from decloss.training import provenance


def test_a_copy_without_a_repository_is_of_the_commit_that_the_variable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECLOSS_COMMIT", "0123456789ab")
    asked: list[str] = []

    def git(folder, *words: str) -> str:
        asked.append(words[0])
        return "" if words[0] == "status" else "ba9876543210"

    monkeypatch.setattr(provenance, "_git", git)
    assert provenance.code_version.__wrapped__() == "ba9876543210" and asked  # a repository knows better

    monkeypatch.setattr(provenance, "_git", lambda folder, *words: git(folder, *words) or " M loss.py")
    assert provenance.code_version.__wrapped__() == "ba9876543210-dirty"

    def no_git(folder, *words: str) -> str:
        raise FileNotFoundError("git")

    monkeypatch.setattr(provenance, "_git", no_git)
    assert provenance.code_version.__wrapped__() == "0123456789ab"
    monkeypatch.delenv("DECLOSS_COMMIT")
    assert provenance.code_version.__wrapped__() in (decloss.__version__, "unknown")

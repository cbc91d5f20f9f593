"""What the stage shows: a pair as one picture, and after the answer who they were and what the metrics say."""

import base64
import secrets
from typing import Any

from decloss.evaluation.scores import Scores
from decloss.files.images import RGBArray, encode_png
from decloss.ui.blind_test.pictures import OWN
from decloss.ui.blind_test.rounds import Rounds, Shown
from decloss.ui.parts.names import plain_name
from decloss.votes.vote import Vote

COMPARED = {"PSNR": ("psnr_y", 1, "{:.2f} dB"), "SSIM": ("ssim", 1, "{:.3f}"), "LPIPS": ("lpips", -1, "{:.3f}")}
"""The metrics that are told: the field of ``Scores``, 1 where higher is better and -1 where lower is, and the form."""
OF_PHOTO, OF_PIECE = "Measured on the whole photo.", "Measured on the piece of your photo around this place."
SAME = "Both were the same picture. Such a pair comes now and then, to see how well one can look."


def ask_on_stage(rounds: Rounds, sheet: RGBArray) -> dict[str, Any]:
    """Return the stage of a question: the picture, and nothing that tells which network is which."""
    assert rounds.shown is not None
    return {
        "token": rounds.shown.token,
        "sheet": "data:image/png;base64," + base64.b64encode(encode_png(sheet)).decode("ascii"),
        "columns": sheet.shape[1] // sheet.shape[0],
        "round": rounds.count,
    }


def wait_on_stage(sentence: str) -> dict[str, str]:
    """Return the stage without a pair; the page hears of an answer only if it differs from the one before."""
    return {"wait": sentence, "answer": secrets.token_hex(4)}


def tell_on_stage(shown: Shown, vote: Vote) -> dict[str, Any]:
    """Return the stage after an answer: the names of both, and what each metric says of them."""
    metrics = [
        each
        for metric, (field, sign, form) in COMPARED.items()
        if (each := _told(metric, sign, form, _value(shown, vote.left, field), _value(shown, vote.right, field)))
    ]
    names = {side: {"title": plain_name(name), "name": name} for side, name in _sides(vote).items()}
    whole = OF_PIECE if shown.question.photo == OWN else OF_PHOTO
    told = {"choice": vote.choice, **names, "metrics": [] if vote.is_attention_test else metrics, "whole": whole}
    return {"token": shown.token, "told": {**told, "sentence": _sentence(vote, metrics)}}


def _sides(vote: Vote) -> dict[str, str]:
    return {"left": vote.left, "right": vote.right}


def _value(shown: Shown, name: str, field: str) -> float | None:
    scores: Scores | None = shown.scores.get(name)
    return getattr(scores, field) if scores is not None else None


def _told(metric: str, sign: int, form: str, left: float | None, right: float | None) -> dict[str, str] | None:
    """Return one metric's two values in words, and which side it finds better; None if a value is missing."""
    if left is None or right is None:
        return None
    difference = sign * (left - right)
    better = "left" if difference > 0 else "right" if difference < 0 else "neither"
    return {"name": metric, "left": form.format(left), "right": form.format(right), "better": better}


def _sentence(vote: Vote, metrics: list[dict[str, str]]) -> str:
    """Return what to think of the answer, in one or two plain sentences."""
    if vote.is_attention_test:
        return SAME
    agree = [each["name"] for each in metrics if each["better"] == vote.choice]
    chosen = "You saw no difference." if vote.preferred is None else f"You chose {plain_name(vote.preferred)}."
    if not metrics:
        return chosen
    if vote.preferred is None:
        return f"{chosen} The metrics do."
    if not agree:
        return f"{chosen} Every metric prefers the other one."
    if len(agree) == len(metrics):
        return f"{chosen} So do all metrics."
    others = [each["name"] for each in metrics if each["name"] not in agree]
    return f"{chosen} {' and '.join(agree)} would, too; {' and '.join(others)} would not."

"""A visitor's own place on the Hugging Face Hub: how we reach it, and how a result gets there.

Their token is used and forgotten: it is never stored, logged, or repeated in an error.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from decloss.jobs.directory import Job
from decloss.jobs.record import JobError
from decloss.jobs.result import MEASURED_ON

try:
    import huggingface_hub
    from huggingface_hub import errors
except ImportError:  # it comes with the app; the library alone does not need it
    huggingface_hub = None

TOKEN = re.compile(r"[!-~]{8,400}")
"""The form of a token: printable, without spaces, and short."""
REQUEST_TIMEOUT = 60.0
"""The seconds without an answer after which a request is given up."""
SCORES = {"psnr_y": "PSNR-Y", "psnr_rgb": "PSNR-RGB", "ssim": "SSIM", "lpips": "LPIPS", "icoo": "ICOO"}
STATUS = {
    401: "Hugging Face does not accept this token.",
    402: "Hugging Face asks for credit on this account first.",
    403: "This token may not do that: it needs the right to write to {subject}.",
    404: "Hugging Face finds no {subject} that this token may see.",
    409: "{subject} was changed by someone else at the same time: try again.",
    429: "Hugging Face has had too many requests from here: try again later.",
}


def push_checkpoint(job: Job, repository: str, token: str, *, endpoint: str | None = None) -> str:
    """Put a finished job's checkpoint, its card and a README.md into a repository on the Hub.

    Args:
        job: a job that has a result.
        repository: OWNER/NAME; if it does not exist, a private one is created.
        token: a token that may write there.
        endpoint: the Hub's address; by default HF_ENDPOINT, or the public one.

    Returns:
        The repository's address.

    Raises:
        JobError: if that did not work; the message is one sentence.
    """
    api = connect(token, endpoint)
    check_repository(repository)
    if job.result is None:
        raise JobError("This finetune has no result to upload yet.")
    files = {
        "README.md": model_card(job).encode(),
        job.checkpoint.name: job.checkpoint,
        job.checkpoint.with_suffix(".json").name: job.checkpoint.with_suffix(".json"),
    }
    with plain_errors(repository):
        api.create_repo(repository, private=True, exist_ok=True)
        upload(api, repository, files, f"{job.name}, finetuned with DECLoss")
    return f"{api.endpoint}/{repository}"


def connect(token: object, endpoint: str | None = None) -> Any:
    """Return a client of the Hub that speaks for whoever has ``token``; nothing is sent yet.

    Raises:
        JobError: if ``token`` cannot be one, or the client is not installed here.
    """
    if huggingface_hub is None:
        raise JobError("The Hub needs the package huggingface_hub, which is not installed here.")
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise JobError("This is not a token of Hugging Face: it is one short word without spaces, like hf_...")
    huggingface_hub.get_session().timeout = REQUEST_TIMEOUT  # by default it waits for ever
    return huggingface_hub.HfApi(endpoint=endpoint, token=token, library_name="decloss")


def check_repository(repository: object) -> None:
    """Raise a ``JobError`` for what cannot be the name of a repository, by the client's own rules."""
    try:
        huggingface_hub.utils.validate_repo_id(repository)
        plain = isinstance(repository, str) and repository.isascii() and repository.isprintable()
        named = plain and str(repository).count("/") == 1
    except errors.HFValidationError:
        named = False
    if not named:
        raise JobError("Write the repository as OWNER/NAME, with letters, digits, and single -, _ and . inside.")


def upload(api: Any, repository: str, files: dict[str, Any], message: str) -> None:
    """Put ``files`` (bytes or a path here, by their path there) into ``repository``, all or none of them."""
    operations = [huggingface_hub.CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(repository, operations, commit_message=message)


@contextmanager
def plain_errors(subject: str) -> Iterator[None]:
    """Turn what the client raises into a ``JobError`` of one sentence; ``subject`` is what we work on."""
    try:
        yield
    except (errors.HTTPError, errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError) as error:
        raise JobError(_sentence(error, subject)) from None  # the cause holds our request, and so the token
    except RuntimeError:  # the client's library for large files raises it
        raise JobError("The transfer from or to Hugging Face broke off: try again.") from None


def _sentence(error: Exception, subject: str) -> str:
    causes = [cause for cause in (error, error.__cause__) if cause is not None]  # a download wraps what stopped it
    for cause in causes:
        if (response := getattr(cause, "response", None)) is not None:
            status = response.status_code
            sentence = STATUS.get(status, f"Hugging Face answers with an error (status {status}): try again later.")
            return sentence.format(subject=subject)
    slow = any("Timeout" in type(cause).__name__ for cause in causes)
    trouble = "does not answer in time" if slow else "cannot be reached from here"
    return f"Hugging Face {trouble}: try again later."


def model_card(job: Job) -> str:
    """Return the README.md of a result: front matter as the Hub reads it, scores, settings, and how to use it."""
    settings, result = job.settings, job.result
    assert result is not None  # the caller has checked it
    before, after = result["scores"]["before"], result["scores"]["after"]
    measured = [(key, name) for key, name in SCORES.items() if after.get(key) is not None]
    front = huggingface_hub.ModelCardData(
        license="mit",
        library_name="decloss",
        pipeline_tag="image-to-image",
        tags=["super-resolution", "decloss"],
        model_name=job.name,
        base_checkpoint=settings.start,
        eval_results=[
            huggingface_hub.EvalResult("image-super-resolution", "image-folder", MEASURED_ON, key, after[key], name)
            for key, name in measured
        ],
    )
    rows = [f"| {name} | {_number(before.get(key))} | {_number(after[key])} |" for key, name in measured]
    photos = "the author's own photos" if settings.own_photos else "DECLoss's built-in photos"
    return "\n".join(
        [
            f"---\n{front.to_yaml()}\n---\n",
            f"# {job.name}\n",
            f"Enlarges photos four times: `{settings.start}`, finetuned for {result['steps']} steps on {photos} with",
            "DECLoss, the detail enhanced contrastive loss of *What Hinders Perceptual Quality of PSNR-oriented",
            f"Methods?* (Xu et al., 2022). Training took {result['seconds']} s.\n",
            f"Measured on {MEASURED_ON}; `{job.name}.json` says how, and where the weights come from.\n",
            "| | before | after |\n|---|---|---|",
            *rows,
            f"\nSettings:\n\n```json\n{json.dumps(asdict(settings), indent=1)}\n```\n",
            f"Load it with `decloss.load_checkpoint('{job.name}.safetensors')`; `{job.name}.json` must lie beside it.",
            "",
        ]
    )


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"

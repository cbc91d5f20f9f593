"""Why a trainer ended, in a sentence, from its exit status and the end of what it printed."""

import re

SAVED_DAMAGED = "What it had saved is damaged on the server's disk: go on, and it starts again from its first step."
RESULT_DAMAGED = "Its finished checkpoint is damaged on the server's disk: go on, and it is made anew."
RECORD_DAMAGED = (
    "What was written down of this finetune is damaged on the server's disk; its files are left as they are."
)
UNKNOWN = "It failed, and the note that said why is damaged; go on from the last checkpoint."
CAUSES = {
    r"(?i)No space left|Errno 28|Disk quota|File too large|Errno 27": (
        "The disk is full. Delete finetunes that you do not need, then go on from the last checkpoint."
    ),
    r"(?i)out of memory|MemoryError|can't allocate|cannot allocate|bad_alloc": (
        "It ran out of memory. Choose a smaller batch or crop."
    ),
    r"FloatingPointError|not finite": (
        "The loss or the weights stopped being numbers. Try a smaller learning rate, or smaller weights."
    ),
    r"latest\.safetensors is damaged|JSONDecodeError|UnicodeDecodeError": SAVED_DAMAGED,
    r"CheckpointError: .*\bstart\.(?:safetensors|json)\b": (
        "The trainer cannot read the checkpoint that it starts from, which is damaged: choose another start."
    ),
}
"""Patterns of what a trainer printed, and a sentence on what each means."""
FOLDER_LOST = re.compile(r"Errno (?:5|103|107|112|116)\]")
"""What a trainer prints when the folder of jobs, on another machine, is gone, which is not the job's fault."""
KILLED = (
    "The trainer was killed several times (signal {signal}), most likely because the machine ran out of memory. "
    "Choose a smaller batch or crop, or go on from the last checkpoint."
)
CHECKED = re.compile(r"^(?:\w+\.)*(?:\w+Error): (.+)$", re.MULTILINE)


def explain(status: int, log: str, killed: str = KILLED) -> str:
    """Return a sentence for the visitor on why a trainer ended.

    Args:
        status: the exit status of the process; negative for a signal.
        log: the end of what it printed since it started last.
        killed: the sentence for one that was killed by a {signal}, and did not say why.
    """
    for printed, sentence in CAUSES.items():
        if re.search(printed, log):
            return sentence
    if status < 0:
        return killed.format(signal=-status)
    reasons = CHECKED.findall(log)
    if reasons and len(reasons[-1]) < 300 and not re.search(r"[/\\]", reasons[-1]):  # it names no folder
        return f"The trainer says: {reasons[-1].rstrip('.')}."
    return f"The trainer ended with an error (status {status}). The end of its log says where."

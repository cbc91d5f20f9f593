"""Why a trainer ended, in a sentence, from its exit status and the end of what it printed."""

import re

MEMORY = re.compile(r"out of memory|MemoryError|can't allocate|cannot allocate|bad_alloc", re.IGNORECASE)
DISK = re.compile(r"No space left|Errno 28|Disk quota|File too large|Errno 27", re.IGNORECASE)
CHECKED = re.compile(r"^(?:\w+\.)*(?:\w+Error): (.+)$", re.MULTILINE)


def explain(status: int, log: str) -> str:
    """A sentence for the visitor.

    Args:
        status: of the process; negative for a signal.
        log: the end of its output, since it started last.
    """
    if DISK.search(log):
        return "The disk is full. Delete finetunes that you do not need, then go on from the last checkpoint."
    if MEMORY.search(log):
        return "It ran out of memory. Choose a smaller batch or crop."
    if status < 0:
        return (
            f"The trainer was killed several times (signal {-status}), most likely because the machine ran out of "
            f"memory. Choose a smaller batch or crop, or go on from the last checkpoint."
        )
    if "FloatingPointError" in log or "not finite" in log:
        return "The loss or the weights stopped being numbers. Try a smaller learning rate, or smaller weights."
    reasons = CHECKED.findall(log)
    if reasons and len(reasons[-1]) < 300 and "/" not in reasons[-1]:  # no folders of the server
        return f"The trainer says: {reasons[-1].rstrip('.')}."
    return f"The trainer ended with an error (status {status}). The end of its log says where."

"""The tables of uploads under way, whose progress browsers ask for."""

import asyncio
from typing import Any


class LastUploads(dict[str, Any]):
    """What is known of the last uploads by the ids that browsers give them; Gradio's own tables forget none."""

    most = 10_000

    def __missing__(self, key: str) -> asyncio.Event:  # what one who asks after an upload waits for
        event = self[key] = asyncio.Event()
        return event

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if len(self) > self.most:
            del self[next(iter(self))]

"""The API as tools for language models: the list of them over the protocol, or one sentence without the extra."""

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, skip_or_fail

import app


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of the tools of an app that is served with them."""
    if importlib.util.find_spec("mcp") is None:
        skip_or_fail("the tools need the extra: pip install '.[mcp]'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(tmp_path / "cache"), "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "app.py", "--mcp", "--port", str(port), "--data", str(tmp_path / "data")]
    log = tmp_path / "log.txt"
    with log.open("w", encoding="utf-8") as output:
        served = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        for _ in range(240):
            if served.poll() is not None:
                pytest.fail(f"the app ended at once:\n{log.read_text(encoding='utf-8')}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/gradio_api/mcp/"
    finally:
        served.terminate()
        served.wait(timeout=20)


def test_the_tools_are_the_endpoints_with_their_words_and_one_answers(address: str) -> None:
    with ThreadPoolExecutor(1) as thread:  # in this one Playwright's event loop may be running
        tools, answer = thread.submit(asyncio.run, ask(address)).result()
    assert set(tools) == {
        "compare", "finetune", "frequency", "contrast", "coo", "playground", "paper", "finetune_status",
    }  # fmt: skip
    assert "Enhance the high frequencies" in tools["frequency"].description
    properties = tools["frequency"].inputSchema["properties"]
    assert properties["mu"]["type"] == "number" and "width" in properties["mu"]["description"]
    assert properties["photo"]["type"] == "string"
    assert "Table 3" in answer and "24.65" in answer  # bicubic on BSD100, as the paper prints it


async def ask(address: str) -> tuple[dict[str, Any], str]:
    """Every tool by name, and what ``paper`` says, by the protocol's own client."""
    from mcp import ClientSession  # an optional extra
    from mcp.client.streamable_http import streamablehttp_client

    async with streamablehttp_client(address) as (reading, writing, _), ClientSession(reading, writing) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        answer = await session.call_tool("paper", {"table": "table 3"})
        return tools, answer.content[0].text


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setattr(sys, "argv", ["app.py", "--mcp"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("not installed here: pip install '.[mcp]'")

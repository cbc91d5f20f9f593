"""The API as tools for language models: the list of them over the protocol, or one sentence without the extra."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import skip_or_fail
from waiting import in_a_thread, running_app

import app


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of the tools of an app that is served with them."""
    if importlib.util.find_spec("mcp") is None:
        skip_or_fail("the tools need the extra: pip install '.[mcp]'")
    with running_app(tmp_path, "--mcp") as (url, process):
        yield f"{url}gradio_api/mcp/"
        process.kill()  # it would wait for its connections to end


def test_the_tools_are_the_endpoints_with_their_words_and_one_answers(address: str) -> None:
    tools, answer = in_a_thread(ask(address))
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

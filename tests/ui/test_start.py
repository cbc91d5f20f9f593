"""The app's options, and the variables that it and Gradio read: nonsense gets one sentence, never a traceback."""

import contextlib
import json
import re
import socket
import sys
from pathlib import Path

import httpx
import pytest
from waiting import free_port, running_app

import app
from decloss.host.listening import StartError
from decloss.ui.head import SENTENCE, TITLE
from decloss.ui.start import serve


def version_6() -> str:
    """This machine's own address of version 6; nothing if it has none, as some containers."""
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return "::1"
    return ""


V6 = version_6()


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """What ``app.main`` says as it ends with the status of wrong options, before there is anything to be served."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "decloss.ui.start", None)
        with pytest.raises(SystemExit) as ended:
            app.main()
    assert ended.value.code == 2
    usage, _, sentence = capsys.readouterr().err.partition("app.py: error: ")
    assert usage.startswith("usage: ") and "\n" not in sentence.strip()
    return sentence


@pytest.mark.parametrize("port", ["0", "99999", "-1", "abc", "80 81", "٨٠", "1e3", ""])
def test_a_port_is_a_number_that_ports_have(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--port", port])
    assert f"number from 1 to 65535, got {port!r}" in refusal(capsys)
    if port:  # an empty variable counts as none
        monkeypatch.setattr(sys, "argv", ["app.py"])
        monkeypatch.setenv("GRADIO_SERVER_PORT", port)
        assert f"number from 1 to 65535, got {port!r}" in refusal(capsys)


@pytest.mark.parametrize("host", ["nobody.invalid", "a b", "a..b", "x" * 300, "192.0.2.1", "2001:db8::1", "[::1"])
def test_a_host_that_is_not_of_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setenv("GRADIO_SERVER_NAME", host)
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(free_port()))
    assert f"cannot serve on {host}, port" in refusal(capsys)


@pytest.mark.parametrize("host", ["127.0.0.1", *([V6, f"[{V6}]"] if V6 else [])])
def test_a_port_that_is_taken_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    family = socket.AF_INET if "." in host else socket.AF_INET6
    with socket.create_server((host.strip("[]"), 0), family=family) as other:
        monkeypatch.setattr(sys, "argv", ["app.py", "--host", host, "--port", str(other.getsockname()[1])])
        assert re.search("[Aa]ddress .*in use|[Oo]nly one usage", refusal(capsys))


@pytest.mark.parametrize("root", ["no sense", "decloss", "ftp://example.org/", "/a?b", "//", "https:///a"])
def test_a_root_path_is_a_path_or_an_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    assert f"GRADIO_ROOT_PATH must be a path such as /decloss, or an address with one, got {root!r}" in refusal(capsys)


def test_folders_that_cannot_be_used_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartError, match=r"no such folder of checkpoints: .*nowhere"):
        serve("127.0.0.1", free_port(), [tmp_path / "nowhere"], tmp_path, share=False, mcp=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    with pytest.raises(
        StartError, match=r"^temporary files cannot be written \(.+\): name another .* GRADIO_TEMP_DIR$"
    ):
        serve("127.0.0.1", free_port(), [], tmp_path, share=False, mcp=False)


def test_it_serves_whatever_else_is_in_the_environment(tmp_path: Path) -> None:
    """Over version 6, behind a dead proxy, with ASCII only, no data folder, and nonsense for all of Gradio's own."""
    numbers = ("NUM_PORTS", "NUM_WORKERS", "NODE_NUM_PORTS", "DEFAULT_CONCURRENCY_LIMIT", "DEBUG", "SERVER_PORT")
    nonsense = {f"GRADIO_{name}": "nonsense" for name in (*numbers, "ANALYTICS_MAX_EVENTS", "SERVER_NAME")}
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    proxies = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9", "GRADIO_MCP_SERVER": "true"}
    (tmp_path / "data").touch()
    with (
        running_app(tmp_path, host=V6 or "127.0.0.1", **nonsense, **ascii_only, **proxies) as (url, _),
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        page = http.get("").text
        assert SENTENCE in page and (TITLE in page or json.dumps(TITLE)[1:-1] in page)
        assert http.get("readyz").status_code == 200
        assert http.get("gradio_api/mcp/").status_code == 404
    log = (tmp_path / "log.txt").read_text(encoding="ascii")
    assert "The data directory cannot be used" in log and "Traceback" not in log

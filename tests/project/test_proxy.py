"""The proxy of docs/deploying.md, as it stands there, before the app as it is started there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser_page import WAIT
from conftest import ROOT, skip_or_fail, visits
from gradio.http_server import start_server
from gradio_client import Client
from playwright.sync_api import Browser, expect
from systems import linux
from waiting import free_port, running_app, wait_for

DOCUMENT = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
(PATH,) = re.findall(r"GRADIO_ROOT_PATH=(\S+) python app\.py", DOCUMENT)
AROUND = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path temporary; proxy_temp_path temporary; fastcgi_temp_path temporary;
    uwsgi_temp_path temporary; scgi_temp_path temporary;
    server {{
        listen 127.0.0.1:{port};
        location = /favicon.ico {{ return 204; }}  # browsers ask the host for its own
        {block}
    }}
}}
"""


@contextmanager
def nginx_before(url: str, folder: Path) -> Iterator[int]:
    """The port where nginx passes on the document's path to ``url``; what it writes lies in ``folder``."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
    if nginx is None:
        skip_or_fail("the proxy's test needs nginx: e.g. apt-get install nginx-light")
    (block,) = re.findall(r"^    location (?:.|\n)+?^    }$", DOCUMENT, re.MULTILINE)
    port = free_port()
    assert "http://127.0.0.1:7860/" in block
    settings = AROUND.format(port=port, block=block.replace("http://127.0.0.1:7860/", url))
    (folder / "nginx.conf").write_text(settings, encoding="utf-8")
    with (folder / "nginx.log").open("wb") as log:
        server = subprocess.Popen([nginx, "-p", folder, "-c", "nginx.conf", "-e", "stderr"], stderr=log)
    try:
        wait_for(lambda: server.poll() is not None or (folder / "nginx.pid").exists(), 20)
        assert server.poll() is None, (folder / "nginx.log").read_text(encoding="utf-8")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where nginx, on a port of its own, serves the app below the document's path."""
    with running_app(tmp_path, GRADIO_ROOT_PATH=PATH) as (url, _), nginx_before(url, tmp_path) as port:
        yield f"http://127.0.0.1:{port}{PATH}/"


@pytest.fixture
def teller() -> Iterator[str]:
    """Where a server that Gradio starts, as it starts the app's, tells whom it takes for the client."""

    async def tell(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": scope["client"][0].encode()})

    _, _, url, server = start_server(tell, "127.0.0.1", free_port())
    yield url
    server.close()


def client_of(port: int, path: str) -> str:
    """Whom the server takes a visitor at 127.0.0.2 for, who claims to be somebody else."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20, source_address=("127.0.0.2", 0))
    connection.request("GET", path, headers={"X-Forwarded-For": "192.0.2.1"})
    with closing(connection), connection.getresponse() as answer:
        return answer.read().decode()


@linux  # elsewhere 127.0.0.2 is not this machine
def test_the_app_sees_a_visitors_own_address_behind_the_proxy_and_without_it(teller: str, tmp_path: Path) -> None:
    assert client_of(urlsplit(teller).port or 0, "/") == "127.0.0.2"
    with nginx_before(teller, tmp_path) as port:
        assert client_of(port, f"{PATH}/") == "127.0.0.2"


def test_the_page_and_the_api_work_behind_the_documents_nginx(browser: Browser, address: str) -> None:
    with visits(browser, address) as visit:  # no request fails, and none goes past the proxy
        page = visit()
        expect(page.locator("#run")).to_be_visible(timeout=WAIT)
        page.wait_for_function("window.declossRestored", timeout=WAIT)
        assert "BSD100" in str(Client(address, verbose=False).predict("table 3", api_name="/paper"))

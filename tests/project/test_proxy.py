"""The proxy of docs/deploying.md, as it stands there, before the app as it is started there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_page import WAIT
from conftest import ROOT, skip_or_fail, visits
from gradio_client import Client
from playwright.sync_api import Browser, expect
from waiting import free_port, running_app, wait_for

DOCUMENT = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
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


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where nginx, on a port of its own, serves the app below the document's path."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
    if nginx is None:
        skip_or_fail("the proxy's test needs nginx: e.g. apt-get install nginx-light")
    (block,) = re.findall(r"^    location (?:.|\n)+?^    }$", DOCUMENT, re.MULTILINE)
    (path,) = re.findall(r"GRADIO_ROOT_PATH=(\S+) python app\.py", DOCUMENT)
    port = free_port()
    with running_app(tmp_path, GRADIO_ROOT_PATH=path) as (url, _):
        assert "http://127.0.0.1:7860/" in block
        settings = AROUND.format(port=port, block=block.replace("http://127.0.0.1:7860/", url))
        (tmp_path / "nginx.conf").write_text(settings, encoding="utf-8")
        with (tmp_path / "nginx.log").open("wb") as log:
            server = subprocess.Popen([nginx, "-p", tmp_path, "-c", "nginx.conf", "-e", "stderr"], stderr=log)
        try:
            wait_for(lambda: server.poll() is not None or (tmp_path / "nginx.pid").exists(), 20)
            assert server.poll() is None, (tmp_path / "nginx.log").read_text(encoding="utf-8")
            yield f"http://127.0.0.1:{port}{path}/"
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_the_page_and_the_api_work_behind_the_documents_nginx(browser: Browser, address: str) -> None:
    with visits(browser, address) as visit:  # no request fails, and none goes past the proxy
        page = visit()
        expect(page.locator("#run")).to_be_visible(timeout=WAIT)
        page.wait_for_function("window.declossRestored", timeout=WAIT)
        assert "BSD100" in str(Client(address, verbose=False).predict("table 3", api_name="/paper"))

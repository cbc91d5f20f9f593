"""Which addresses exist: those that the page and ``docs/api.md`` need. Gradio has others, for its own tools."""

import re

import gradio as gr

API = "/gradio_api"
PAGE = "/"
JOIN = f"{API}/queue/join"
UPLOAD, PROGRESS = f"{API}/upload", f"{API}/upload_progress"
HEALTH, READY = "/healthz", "/readyz"
EXAMPLE = re.compile("/examples/([0-9a-f]{64})")
"""Where a page asks how many networks' results of an example, named by its digest, are there."""
MCP = f"{API}/mcp"
HEARTBEAT = f"{API}/heartbeat/[A-Za-z0-9_-]{{1,64}}"

_READ = (
    "/",
    "/config/?",
    "/(?:assets|static|svelte)/.+",
    "/(?:favicon.ico|robots.txt|manifest.json|theme.css|pwa_icon(?:/[0-9]{1,4})?)",
    f"{API}/(?:info|openapi.json|app_id|startup-events|theme.css|upload_progress)/?",
    f"{API}/queue/data",
    HEARTBEAT,
    rf"{API}/file=(?!\s*/*\s*[A-Za-z][A-Za-z0-9+.-]+:).+",  # a path, perhaps with a drive, but no address
    f"{API}/call/(?:v2/)?[a-z_]+/[0-9a-f]{{32}}",
)
_WRITE = (JOIN, UPLOAD, HEARTBEAT, f"{API}/cancel", f"{API}/reset/?", f"{API}/call/(?:v2/)?[a-z_]+/?")
_READS, _WRITES = (re.compile("|".join(f"(?:{one})" for one in some)) for some in (_READ, _WRITE))
_CALL = re.compile(rf"{API}/call/(?:v2/)?([^/]*)")
_MCP = re.compile(rf"{MCP}(?:/.*)?")


def exists(method: str, path: str, names: frozenset[str], *, mcp: bool = False) -> bool:
    """Return whether the app answers ``method`` at ``path``.

    Args:
        method: the method of HTTP.
        path: the path without the root path.
        names: the names of the functions that others may call.
        mcp: whether the tools for language models are served.
    """
    if mcp and _MCP.fullmatch(path):
        return True
    called = _CALL.match(path)
    if called is not None and called[1] not in names:
        return False
    known = {"GET": _READS, "HEAD": _READS, "POST": _WRITES, "OPTIONS": re.compile(".*")}.get(method)
    return known is not None and known.fullmatch(path) is not None


def called_function(path: str, page: gr.Blocks) -> int | None:
    """Return the index of the function that a call at ``path`` means; None if the path is no call."""
    called = _CALL.match(path)
    if called is None:
        return None
    return next((index for index, fn in page.fns.items() if fn.api_name == called[1]), None)


def below_root(path: str, root: str) -> str:
    """Return ``path`` without the path under which a proxy serves the app."""
    root = root.rstrip("/")
    return path[len(root) :] or "/" if root and (path == root or path.startswith(f"{root}/")) else path


def public_names(page: gr.Blocks) -> frozenset[str]:
    """Return the names of the functions that others may call."""
    return frozenset(str(fn.api_name) for fn in page.fns.values() if fn.api_visibility == "public")

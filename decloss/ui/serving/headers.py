"""Headers that every answer carries, and the content security policy that the page itself lives under."""

import re
import secrets
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

ALWAYS = {
    "x-content-type-options": "nosniff",
    # A finetune's private link has its id in the address; no other site may be told.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.hf.space"
"""Who may show the app in a frame: Spaces do."""
PAGE = (
    "default-src 'self'",
    # Gradio compiles the JavaScript of its events, so "eval" must stay; inline scripts need the page's own nonce.
    "script-src 'self' 'unsafe-eval' 'nonce-{nonce}'",
    "style-src 'self' 'unsafe-inline'",  # Svelte and matplotlib's SVG set styles on elements
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    FRAMES,
)
FILE = "; ".join(("default-src 'none'", "style-src 'unsafe-inline'", "sandbox", FRAMES))
"""For everything else: what a visitor uploaded runs nothing, even if it is opened on its own."""
RUNS = re.compile(rb"html|svg|xml|javascript", re.IGNORECASE)
"""Content types that a browser might run."""
SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)")


def with_safety(headers: Iterable[tuple[bytes, bytes]], *, uploaded: bool, policy: str = FILE) -> Headers:
    """The headers of an answer with ours, which win.

    Args:
        headers: as ASGI has them, names in lower case.
        uploaded: whether the answer is a file of the cache, where visitors' files lie: what might run is a download.
        policy: the content security policy.
    """
    ours = {**ALWAYS, "content-security-policy": policy}
    kept = [(name, value) for name, value in headers if name.decode("latin-1") not in ours]
    kind = next((value for name, value in kept if name == b"content-type"), b"")
    if uploaded and RUNS.search(kind):
        kept = [(name, value) for name, value in kept if name not in (b"content-type", b"content-disposition")]
        kept += [(b"content-type", b"application/octet-stream"), (b"content-disposition", b"attachment")]
    return [*kept, *((name.encode(), value.encode()) for name, value in ours.items())]


def with_nonce(html: bytes) -> tuple[bytes, str]:
    """The page with a fresh nonce on each inline script, and the policy that lets those run and no other."""
    nonce = secrets.token_urlsafe(16)
    return SCRIPT.sub(rb'<script nonce="' + nonce.encode() + b'"', html), "; ".join(PAGE).format(nonce=nonce)

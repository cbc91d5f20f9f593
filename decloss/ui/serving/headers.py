"""The headers of every answer, and the content security policies of the page and of files."""

import re
import secrets
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

ALWAYS = {
    "x-content-type-options": "nosniff",
    # The viewing link of a finetune has its id in the address, which no other site may learn.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.hf.space"
"""The sites that may show the app in a frame, as Spaces do."""
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
"""The policy of every answer but the page: an uploaded file runs nothing, even if it is opened on its own."""
RUNS = re.compile(rb"html|svg|xml|javascript", re.IGNORECASE)
"""The content types that a browser might run."""
SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)")


def with_safety(headers: Iterable[tuple[bytes, bytes]], *, uploaded: bool, policy: str = FILE) -> Headers:
    """Return the headers of an answer with ours added; ours win over others of the same name.

    Args:
        headers: the answer's headers as ASGI has them, with names in lower case.
        uploaded: whether the answer is a file of the cache, which may be a visitor's: what might run is downloaded.
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
    """Return the page with a fresh nonce on each inline script, and a policy that lets no other inline script run."""
    nonce = secrets.token_urlsafe(16)
    return SCRIPT.sub(rb'<script nonce="' + nonce.encode() + b'"', html), "; ".join(PAGE).format(nonce=nonce)

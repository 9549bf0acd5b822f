"""The files of the page, read once, each served with the policy that holds for all of them.

Everything the page loads comes from this package: no build step, no other host, nothing inline and
no ``eval``. A file is asked for anew at every visit and answered by its tag, so that after an
upgrade no browser mixes two versions.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

PREFIX = "/page/static/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "x-frame-options": "DENY",
}
_TYPES = {
    "html": "text/html",
    "mjs": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
}
_TEXT = "text/plain"
"""The framework writes the character set behind every text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is answered; ``tag`` changes with its content."""

    content: bytes
    media_type: str
    tag: str


@cache
def assets() -> dict[str, Asset]:
    """Every file of the page by its path below ``static``."""
    return dict(_below(files(__package__) / "static", ""))


def _below(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            found += _below(entry, f"{path}/")
        else:
            found.append((path, _asset(path, entry.read_bytes())))
    return found


def _asset(path: str, content: bytes) -> Asset:
    tag = hashlib.sha256(content).hexdigest()[:32]
    kind = _TYPES.get(path.rpartition(".")[2], _TEXT)
    return Asset(content=content, media_type=kind, tag=f'"{tag}"')


def _answer(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
    asset = assets().get(path.removeprefix("/"))
    if asset is None:
        return Response(b"", status_code=HTTPStatus.NOT_FOUND, media_type=_TEXT)
    headers = {"etag": asset.tag, "cache-control": "no-cache", **SAFE_HEADERS}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@get("/", include_in_schema=False, sync_to_thread=False)
def index(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page itself; everything in it is asked for after a login."""
    return _answer(request, "index.html")


@get("/favicon.ico", include_in_schema=False, sync_to_thread=False)
def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Where browsers look without being asked."""
    return _answer(request, "favicon.svg")


@get(PREFIX + "{path:path}", include_in_schema=False, sync_to_thread=False)
def static(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """One file of the page."""
    return _answer(request, path)

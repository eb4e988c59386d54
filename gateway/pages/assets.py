"""Static files under names that hold their own hash, so that browsers may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    url: str
    content_type: str
    plain: bytes
    packed: bytes


class Assets:
    """All static files of the pages, read once; a URL changes whenever its bytes do."""

    def __init__(self, folder: Traversable) -> None:
        self._by_name: dict[str, Asset] = {}
        self._by_url: dict[str, Asset] = {}
        files = [entry for entry in folder.iterdir() if entry.name.rpartition(".")[2] in TYPES]
        # Ours come last because they name the hashed vendored script they import.
        for entry in sorted(files, key=lambda file: (file.name.startswith("lrf"), file.name)):
            self._add(entry.name, entry.read_bytes())

    def url(self, name: str) -> str:
        """Where a browser finds the file of this plain name."""
        return self._by_name[name].url

    def text(self, name: str) -> str:
        """Return what is served for the file of this plain name."""
        return self._by_name[name].plain.decode()

    def names(self) -> list[str]:
        """Return the plain names of everything served."""
        return sorted(self._by_name)

    async def serve(self, request: Request) -> Response:
        """Answer one file; a name with another hash is simply not there."""
        asset = self._by_url.get(request.url.path)
        if asset is None:
            return PlainTextResponse("Not found", status_code=404)
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(asset.packed, media_type=asset.content_type, headers=headers)
        return Response(asset.plain, media_type=asset.content_type, headers=headers)

    def _add(self, name: str, content: bytes) -> None:
        stem, _, kind = name.rpartition(".")
        if kind == "js":
            for other, asset in self._by_name.items():
                content = content.replace(f'"./{other}"'.encode(), f'"{asset.url}"'.encode())
        digest = hashlib.sha256(content).hexdigest()[:16]
        url = f"/static/{stem}.{digest}.{kind}"
        packed = gzip.compress(content, mtime=0)
        asset = Asset(url, TYPES[kind], content, packed)
        self._by_name[name] = asset
        self._by_url[url] = asset


ASSETS = Assets(resources.files("gateway.pages") / "static")

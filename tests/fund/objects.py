"""An S3-compatible store on loopback: objects of one bucket, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MISSING = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>"


class _Objects(BaseHTTPRequestHandler):
    """Takes and gives objects; signatures are asked for and not checked."""

    kept: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = self.headers["authorization"].startswith("AWS4-HMAC-SHA256")
        self.kept[self.path] = body
        self._answer(200 if signed else 403, b"", {"etag": '"1"'})

    def do_GET(self) -> None:
        found = self.kept.get(self.path)
        if found is None:
            self._answer(404, _MISSING, {"content-type": "application/xml"})
        else:
            self._answer(200, found, {"etag": '"1"'})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the server's)
        """Say nothing."""

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def object_store() -> Iterator[str]:
    """Yield the address of a running store."""
    handler = type("Objects", (_Objects,), {"kept": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

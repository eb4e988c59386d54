"""A real gRPC server for `library.proto`, so that the transcoder is tested over the wire."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from grpc_tools import protoc

from services.chassis import errors
from services.chassis.status import InvalidFields, Violation, abort, status_of

ROOT = Path(__file__).parents[3]
PACKAGE = "test.library.v1"
SERVICE = f"{PACKAGE}.LibraryService"


def compile_image(folder: Path) -> bytes:
    """Return the descriptor image of the library, with comments, as the build makes it."""
    out = folder / "library.binpb"
    googleapis = Path(next(iter(sys.modules["google.api"].__path__))).parent.parent
    includes = [
        str(Path(__file__).parent),
        str(ROOT / "protos"),
        str(ROOT / "third_party" / "proto"),
        str(resources.files("grpc_tools") / "_proto"),
        str(googleapis),
    ]
    arguments = ["protoc", *(f"-I{path}" for path in includes), f"--descriptor_set_out={out}"]
    flags = ["--include_imports", "--include_source_info", "library.proto"]
    assert protoc.main([*arguments, *flags]) == 0
    return out.read_bytes()


def message(name: str, **fields: Any) -> Any:
    """Return a new message of the library."""
    found: Any = Default().FindMessageTypeByName(f"{PACKAGE}.{name}")
    return message_factory.GetMessageClass(found)(**fields)


class BookOut(errors.FailedPrecondition):
    reason = "BOOK_OUT"


class StaleEtag(errors.Aborted):
    reason = "ETAG_STALE"


ROWS = [("=1+1", "-1.05"), ("Émma, or not", "2")]


@dataclass
class ScanOf:
    """What a scan is made of."""

    name: str = "scan.png"
    media_type: str = "image/png"
    part: bytes = b"x" * 65536
    parts: int = 3
    sha256: str = ""
    breaks: bool = False

    @classmethod
    def whole(cls, **changes: Any) -> ScanOf:
        """Return a scan whose digest is right."""
        made = cls(**changes)
        made.sha256 = hashlib.sha256(made.part * made.parts).hexdigest()
        return made


class Library:
    """Remembers what it was asked and answers from a list of books."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.metadata: dict[str, Any] = {}
        self.books = [message("Book", id=f"b{number}", title="T") for number in range(5)]
        self.refuse_with: Exception | None = None
        self.scan = ScanOf()
        self.parts_sent = 0

    @property
    def last(self) -> Any:
        return self.asked[-1]

    def get_book(self, request: Any) -> Any:
        if request.book_id.startswith("unknown"):
            raise errors.NotFound("no such book", field="book_id", book_id=request.book_id)
        return message("Book", id=request.book_id, title="Emma", etag="7", copies=2**60)

    def list_books(self, request: Any) -> Any:
        size = request.page_size or 2
        start = int(request.page_token or 0)
        token = str(start + size) if start + size < len(self.books) else ""
        page = self.books[start : start + size]
        return message("ListBooksResponse", books=page, next_page_token=token)

    def add_book(self, request: Any) -> Any:
        if not request.book.title:
            violation = Violation("book.title", "value length must be at least 1", "MIN_LEN")
            raise InvalidFields([violation])
        return request.book

    def replace_book(self, request: Any) -> Any:
        if request.etag != "7":
            raise StaleEtag("the book has changed", field="etag")
        return request.book

    def buy_book(self, request: Any) -> Any:
        if request.copies < 0:
            violation = Violation("chapters[0].pages", "must be one or more", "GTE")
            raise InvalidFields([violation])
        if request.card == "out":
            raise BookOut("somebody has the book", book_id=request.book_id)
        if request.card == "reused":
            raise errors.RequestIdReused("the key was used before")
        return message("Book", id=request.book_id, title=request.request_id)

    def remove_book(self, request: Any) -> Any:
        return message("Book", id=request.book_id)

    def get_file(self, request: Any) -> Any:
        return message("File", book=message("Book", id=request.name))

    async def scan_book(self, request: Any) -> AsyncIterator[Message]:
        self.asked.append(request)
        if request.book_id.startswith("unknown"):
            raise errors.NotFound("no such book", field="book_id")
        scan = self.scan
        yield message(
            "ScanPart", file_name=scan.name, media_type=scan.media_type, sha256=scan.sha256
        )
        for _ in range(scan.parts):
            self.parts_sent += 1
            yield message("ScanPart", content=scan.part)
        if scan.breaks:
            raise BookOut("somebody has the book")

    async def count_books(self, request: Any) -> AsyncIterator[Message]:
        one = request.kind == "lines"
        names = ["text"] if one else ["title", "copies"]
        yield message("CountPart", head=message("CountHead", names=names))
        for row in ROWS * (2000 if request.kind == "cut" else 1):
            yield message("CountPart", row=message("CountRow", cells=row[: len(names)]))
        if "cut" not in request.kind:
            yield message("CountPart", complete=True)

    async def watch_books(self, request: Any) -> AsyncIterator[Message]:
        for number, book in enumerate(self.books):
            if request.fail_after and number >= request.fail_after - 1:
                raise BookOut("somebody has the book")
            yield book


class Server:
    """The library behind grpc.aio on a unix socket."""

    def __init__(self, library: Library, target: str) -> None:
        self.library = library
        self.target = target
        limit = ("grpc.max_receive_message_length", 16 * 2**20)
        self._server = grpc.aio.server(options=[limit])
        handlers = {name: self._handler(name) for name in METHODS}
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(SERVICE, handlers)]
        )
        self._server.add_insecure_port(target)

    def _handler(self, name: str) -> Any:
        request, function = METHODS[name]
        serializers = {
            "request_deserializer": type(message(request)).FromString,
            "response_serializer": lambda answer: answer.SerializeToString(),
        }
        if name in STREAMS:
            behaviour = self._streaming(STREAMS[name])
            return grpc.unary_stream_rpc_method_handler(behaviour, **serializers)

        async def serve(asked: Any, context: Any) -> Any:
            self.library.asked.append(asked)
            self.library.metadata = dict(context.invocation_metadata())
            try:
                if self.library.refuse_with is not None:
                    raise self.library.refuse_with
                return function(self.library, asked)
            except errors.ServiceError as error:
                await abort(context, status_of(error))
                raise

        return grpc.unary_unary_rpc_method_handler(serve, **serializers)

    def _streaming(self, function: Callable[[Library, Any], AsyncIterator[Message]]) -> Any:
        async def serve(asked: Any, context: Any) -> AsyncIterator[Message]:
            try:
                async for part in function(self.library, asked):
                    yield part
            except errors.ServiceError as error:
                await abort(context, status_of(error))

        return serve

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop(0)


METHODS: dict[str, tuple[str, Callable[[Library, Any], Any]]] = {
    "GetBook": ("GetBookRequest", Library.get_book),
    "ListBooks": ("ListBooksRequest", Library.list_books),
    "AddBook": ("AddBookRequest", Library.add_book),
    "ReplaceBook": ("ReplaceBookRequest", Library.replace_book),
    "BuyBook": ("BuyBookRequest", Library.buy_book),
    "RemoveBook": ("RemoveBookRequest", Library.remove_book),
    "GetFile": ("GetFileRequest", Library.get_file),
    "WatchBooks": ("WatchBooksRequest", Library.watch_books),
    "ScanBook": ("ScanBookRequest", Library.scan_book),
    "CountBooks": ("CountBooksRequest", Library.count_books),
}
STREAMS: dict[str, Callable[[Library, Any], AsyncIterator[Message]]] = {
    "WatchBooks": Library.watch_books,
    "ScanBook": Library.scan_book,
    "CountBooks": Library.count_books,
}

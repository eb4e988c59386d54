"""A real gRPC server for `library.proto`, so that the transcoder is tested over the wire."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
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


class Library:
    """Remembers what it was asked and answers from a list of books."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.metadata: dict[str, Any] = {}
        self.books = [message("Book", id=f"b{number}", title="T") for number in range(5)]
        self.refuse_with: Exception | None = None

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
        self._server = grpc.aio.server()
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
        if name == "WatchBooks":
            return grpc.unary_stream_rpc_method_handler(self._watch, **serializers)

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

    async def _watch(self, asked: Any, context: Any) -> AsyncIterator[Message]:
        try:
            async for book in self.library.watch_books(asked):
                yield book
        except errors.ServiceError as error:
            await abort(context, status_of(error))

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
}

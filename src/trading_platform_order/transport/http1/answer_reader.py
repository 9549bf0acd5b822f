"""Reads one answer after the other from a connection's bytes; knows no sockets.

What cannot be read proves nothing about the request, so it is :class:`AnswerBroken` and never an
answer. Whatever stands behind an answer, or comes before it was asked for, belongs to nobody: the
connection it came on must not carry another request.
"""

import zlib

import httptools

from trading_platform_order.transport.http import HttpResponse

_FIRST_FINAL = 200
#: chunk sizes, extensions and trailers: a body of one-byte chunks takes five bytes beside each
_FRAMING_PER_BODY_BYTE = 8
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZLIB_METHOD = 8  # the low half of a zlib stream's first byte (RFC 1950); raw deflate differs


class AnswerBroken(Exception):  # noqa: N818 - named by what happened, as the outcome values are
    """No answer can be made of these bytes; the text holds none of them."""


class AnswerReader:
    """One answer at a time.

    Args:
        head_bytes_max: longer heads (interim answers included) are broken.
        body_bytes_max: longer bodies are broken, also once they are unpacked.
    """

    def __init__(self, *, head_bytes_max: int, body_bytes_max: int) -> None:
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        # One parser for the life of the connection: it and this object hold each other, and a
        # pair for each answer would be garbage that only the collector can find.
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """A request is about to be written: forget the last answer."""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._bytes = 0
        self._status = 0
        self._has_head = False
        self._is_complete = False
        self._keeps_open = False
        self._has_more = False

    @property
    def is_complete(self) -> bool:
        """The whole answer is here."""
        return self._is_complete

    @property
    def is_reusable(self) -> bool:
        """The answer is whole, nothing came behind it, and the server keeps the connection."""
        return self._is_complete and self._keeps_open and not self._has_more

    @property
    def has_begun(self) -> bool:
        """Some byte of an answer came."""
        return self._bytes > 0

    def feed(self, data: bytes) -> None:
        """More bytes.

        Raises:
            AnswerBroken: they make no answer.
        """
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._has_more = True
            if not self._is_complete:
                raise AnswerBroken(f"not an HTTP answer: {type(error).__name__}") from None
        if self._body_bytes > self._body_bytes_max:
            raise AnswerBroken(f"answer over {self._body_bytes_max} bytes")
        if not self._is_complete:
            self._check_framing()

    def _check_framing(self) -> None:
        framing = self._bytes - self._body_bytes
        if framing > self._head_bytes_max + _FRAMING_PER_BODY_BYTE * self._body_bytes:
            what = "framing" if self._has_head else "head"
            raise AnswerBroken(f"answer's {what} over {self._head_bytes_max} bytes")

    def end(self) -> bool:
        """The server sends no more; whether that completes the answer (RFC 9112 6.3, rule 8)."""
        told_length = "content-length" in self._headers
        is_chunked = self._headers.get("transfer-encoding", "").lower().endswith("chunked")
        if self._has_head and not self._is_complete and not told_length and not is_chunked:
            self._is_complete = True
        return self._is_complete

    def answer(self) -> HttpResponse:
        """The whole answer, its body unpacked.

        Raises:
            AnswerBroken: the body is packed in a way that cannot be unpacked.
        """
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        packing = self._headers.get("content-encoding")
        if packing is not None and body:
            body = _unpacked(body, packing.strip().lower(), self._body_bytes_max)
        return HttpResponse(self._status, self._headers, body)

    # -- told by the parser; raising in here would be lost in it -----------------------------------

    def on_message_begin(self) -> None:
        """The first byte of an answer, or of something behind it."""
        if self._is_complete:
            self._has_more = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or a trailer of a chunked body, which is left aside."""
        if not self._has_head:
            key = name.decode("latin-1").lower()
            self._headers[key] = value.decode("utf-8", "surrogateescape").strip()

    def on_headers_complete(self) -> None:
        """The head is whole; interim answers (1xx) are no answers."""
        if self._is_complete:
            return
        status = self._parser.get_status_code()
        self._has_head = status >= _FIRST_FINAL
        self._status = status

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        if not self._is_complete:
            self._body.append(data)
            self._body_bytes += len(data)

    def on_message_complete(self) -> None:
        """An answer, or an interim one, is whole."""
        if self._is_complete:
            return
        if self._has_head:
            self._is_complete = True
            self._keeps_open = self._parser.should_keep_alive()
        else:
            self._headers = {}


def _unpacked(body: bytes, packing: str, bytes_max: int) -> bytes:
    match packing:
        case "identity" | "":
            return body
        case "gzip" | "x-gzip":
            wbits = _GZIP
        case "deflate":
            wbits = _ZLIB if body[0] & 0xF == _ZLIB_METHOD else _RAW
        case _:
            raise AnswerBroken("answer packed in a way that was not asked for")
    unpacking = zlib.decompressobj(wbits)
    try:
        unpacked = unpacking.decompress(body, bytes_max + 1)
    except zlib.error:
        raise AnswerBroken("answer cannot be unpacked") from None
    if len(unpacked) > bytes_max:
        raise AnswerBroken(f"answer over {bytes_max} bytes")
    if not unpacking.eof or unpacking.unused_data:
        raise AnswerBroken("answer cannot be unpacked")
    return unpacked

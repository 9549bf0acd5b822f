"""Answers out of bytes: every way to cut them gives the same, and what is no answer is none."""

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.transport.http import HttpResponse
from trading_platform_order.transport.http1.answer_reader import AnswerBroken, AnswerReader

PLAIN = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\nX-MBX-Used:  7 \r\nEmpty:\r\n\r\nbody"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2;of=four\r\nbo\r\n2\r\ndy\r\n0\r\nTrailer: x\r\n\r\n"
)
INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
)
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
OLD = b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nbody"
GZIPPED = gzip.compress(b"body", mtime=0)
PACKED = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(GZIPPED)
) + GZIPPED
_RAW = zlib.compressobj(wbits=-15)
DEFLATED = _RAW.compress(b"body") + _RAW.flush()


def reader(*, head: int = 2_000, body: int = 1_000) -> AnswerReader:
    return AnswerReader(head_bytes_max=head, body_bytes_max=body)


def read(data: bytes, cuts: list[int], *, ends: bool = False) -> tuple[AnswerReader, HttpResponse]:
    found = reader()
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, end in itertools.pairwise(places):
        found.feed(data[start:end])
    if ends:
        assert found.end()
    return found, found.answer()


@given(
    wire=st.sampled_from([PLAIN, CHUNKED, INTERIM, OLD, LAST, PACKED]),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
def test_however_it_is_cut_the_answer_is_the_same(wire: bytes, cuts: list[int]) -> None:
    found, answer = read(wire, cuts)
    assert answer.body == b"body"
    assert found.is_complete
    assert found.is_reusable == (wire not in (OLD, LAST))


@given(cuts=st.lists(st.integers(0, 200), max_size=12), more=st.binary(min_size=1, max_size=40))
def test_nothing_behind_an_answer_changes_it(cuts: list[int], more: bytes) -> None:
    """A blank line behind it is the one thing that HTTP lets pass (RFC 9112, 2.2)."""
    found, answer = read(PLAIN, cuts)
    try:
        found.feed(more)
    except AnswerBroken:
        pytest.fail("the answer was whole before")
    assert found.answer() == answer
    assert found.is_reusable == (not more.strip(b"\r\n"))


def test_headers_are_in_lower_case_and_the_last_of_a_name_counts() -> None:
    wire = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\nB:\r\nContent-Length: 0\r\n\r\n"
    _, answer = read(wire, [])
    assert answer.headers == {"x-a": "2", "b": "", "content-length": "0"}


def test_of_interim_answers_nothing_stays() -> None:
    found, answer = read(INTERIM, [30, 60])
    assert (answer.status, "link" in answer.headers) == (200, False)
    assert found.is_reusable


def test_a_trailer_is_no_header() -> None:
    _, answer = read(CHUNKED, [])
    assert "trailer" not in answer.headers


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    found, answer = read(TO_THE_END, [40], ends=True)
    assert answer.body == b"body"
    assert not found.is_reusable


def test_an_answer_without_a_body_is_whole_at_once() -> None:
    found, answer = read(NOTHING, [])
    assert (answer.status, answer.body, found.is_reusable) == (204, b"", True)


def test_one_reader_reads_one_after_the_other() -> None:
    found = reader()
    for status, wire in ((201, PLAIN), (200, CHUNKED), (204, NOTHING)):
        found.begin()
        assert not found.is_complete
        found.feed(wire)
        assert found.answer().status == status
        assert "x-mbx-used" in found.answer().headers or status != 201


@pytest.mark.parametrize("wire", [PLAIN, CHUNKED, PACKED])
def test_a_cut_answer_does_not_end_with_the_connection(wire: bytes) -> None:
    found = reader()
    found.feed(wire[:-1])
    assert not found.end()


@pytest.mark.parametrize(
    "wire",
    [
        b"this is not HTTP\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXX\r\nbody",
        b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 3_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 3_000 + b"\r\nb\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"x" * 3_000,
    ],
)
def test_what_is_no_answer_is_broken(wire: bytes) -> None:
    found = reader()
    with pytest.raises(AnswerBroken):
        feed_parts(found, wire)
    assert not found.is_reusable


def feed_parts(found: AnswerReader, wire: bytes) -> None:
    for start in range(0, len(wire), 500):
        found.feed(wire[start : start + 500])


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        (b"gzip", GZIPPED),
        (b"GZIP", GZIPPED),
        (b"deflate", zlib.compress(b"body")),
        (b"deflate", DEFLATED),
        (b"identity", b"body"),
    ],
)
def test_a_packed_body_is_unpacked(packing: bytes, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    _, answer = read(head % (packing, len(body)) + body, [])
    assert answer.body == b"body"


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        (b"gzip", b"nope"),
        (b"gzip", GZIPPED[:-3]),
        (b"gzip", GZIPPED + b"more"),
        (b"gzip", gzip.compress(b"0" * 2_000, mtime=0)),
        (b"deflate", b"nope"),
        (b"br", b"body"),
        (b"gzip, gzip", GZIPPED),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_no_answer(packing: bytes, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    with pytest.raises(AnswerBroken):
        read(head % (packing, len(body)) + body, [])


def test_a_fault_holds_nothing_of_the_answer() -> None:
    with pytest.raises(AnswerBroken) as broken:
        reader().feed(b"secret-listen-key\r\n\r\n")
    assert "secret" not in str(broken.value)


def test_much_behind_an_answer_does_not_take_it_away() -> None:
    found = reader()
    found.feed(PLAIN + b"HTTP/1.1 101 Switching Protocols\r\n" + b"x" * 10_000)
    assert found.answer().body == b"body"
    assert not found.is_reusable

"""Reading signals from a file or pipe: JSON lines, or one JSON object over several lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.any_format import NO_RULES, Found, read_any
from trading_platform_order.signals.faults import FaultCode, SignalFault
from trading_platform_order.signals.fields import MAX_BYTES
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.signals.schema import parse_signal

_BOM = b"\xef\xbb\xbf"
# Room for the line's end and a byte order mark, so that a signal of exactly MAX_BYTES passes.
_LINE_MAX = MAX_BYTES + len(_BOM) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One signal's text and what was read in it.

    Attributes:
        line: where it begins, from 1.
        raw: the text as it came, without byte order mark; of one that is far too long, the
            beginning (still long enough to be refused as too large).
    """

    line: int
    raw: bytes
    found: Found

    @property
    def text(self) -> str:
        """The raw text to be kept; a byte that is not UTF-8 is written as a backslash, x and hex.

        No JSON has such an escape, so text that could not be read never becomes readable by this.
        """
        return self.raw.decode(errors="backslashreplace")

    @property
    def is_translated(self) -> bool:
        """A signal that the strict reader would not take: it came in research's format."""
        return not isinstance(parse_signal(self.raw), Signal)


def read_pieces(stream: BinaryIO, rules: ResearchRules = NO_RULES) -> Iterator[Piece]:
    """Read one JSON object laid out over several lines, or else JSON lines.

    It is one document if its first line is ``{`` or ``[``, or ends with a comma; no line that could
    be a signal does. A byte order mark, CRLF, blank lines and a last line without its end are
    taken. Memory stays bounded however long a line is.
    """
    lines = _lines(stream)
    first = next(lines, None)
    if first is None:
        return
    start = first.text.strip()
    if start in {b"{", b"["} or start.endswith(b","):
        raw = first.text + stream.read(_LINE_MAX)
        yield Piece(line=first.number, raw=raw, found=read_any(raw, rules))
        return
    for line in chain([first], lines):
        yield _read(line, rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    text: bytes
    is_last: bool


def _lines(stream: BinaryIO) -> Iterator[_Line]:
    number = 0
    while text := stream.readline(_LINE_MAX):
        number += 1
        ended = text.endswith(b"\n") or (len(text) == _LINE_MAX and _skip_rest(stream))
        if number == 1:
            text = text.removeprefix(_BOM)
        if text.strip():
            yield _Line(number=number, text=text, is_last=not ended)


def _skip_rest(stream: BinaryIO) -> bool:
    """Pass over the rest of a line too long to be a signal; true if it had an end."""
    while more := stream.readline(_LINE_MAX):
        if more.endswith(b"\n"):
            return True
    return False


def _read(line: _Line, rules: ResearchRules) -> Piece:
    raw = line.text.rstrip(b"\r\n")
    found = read_any(raw, rules)
    if line.is_last and isinstance(found, SignalFault) and found.code is FaultCode.BAD_JSON:
        message = f"the last line is not complete ({found.message})"
        found = SignalFault(field="", code=FaultCode.TRUNCATED, message=message)
    return Piece(line=line.number, raw=raw, found=found)

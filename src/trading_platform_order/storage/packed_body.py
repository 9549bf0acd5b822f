"""Journal bodies without what repeats: deflated against a text that holds what bodies hold.

A body of two thousand bytes is names and defaults for the most part, the same in every row. Against
the dictionary an opened trade comes to some 270 bytes, in some 10 µs. The row's hash is of the body
itself, so that how it is stored can change and the chain cannot. A body that was stored as
text stays text, for ever; so do those that SQL looks into.

A dictionary that was released is never edited: a better one gets the next number.
"""

import zlib
from functools import cache
from importlib import resources

KINDS_IN_PLAIN = frozenset({"signal_claimed", "signal_refused"})
"""Asked for by what stands in them (``storage/relational/overview.py``)."""
_NUMBER = 1
_SHORT_BYTES = 64
# A window that holds the dictionary, and small tables, because both are copied for every body.
# The quickest level: of an opened trade's 2,002 bytes it leaves 273 in 8 us, the third 255 in 17,
# and both orders wait for it.
_WINDOW_BITS, _MEMORY, _LEVEL = -13, 5, 1


class BodyDamaged(Exception):  # noqa: N818 - a fact about a row, named as the docs do
    """What was stored is no packed body."""


_PLAIN = b"{"
"""A body that was not packed begins so; no dictionary has this number."""


@cache
def _dictionary(number: int) -> bytes:
    name = f"body_dictionary_{number}.txt"
    return (resources.files("trading_platform_order.storage") / name).read_bytes()


@cache
def _packer() -> "zlib._Compress":
    return zlib.compressobj(
        _LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _dictionary(_NUMBER)
    )


def pack_body(kind: str, body: str) -> str | bytes:
    """As it is stored: packed if that is shorter."""
    if len(body) < _SHORT_BYTES or kind in KINDS_IN_PLAIN:
        return body
    content = body.encode()
    packer = _packer().copy()
    packed = bytes((_NUMBER,)) + packer.compress(content) + packer.flush()
    return packed if len(packed) < len(content) else body


def unpack_body(stored: str | bytes) -> str:
    """The body that was given to :func:`pack_body`.

    Raises:
        BodyDamaged: it is none.
    """
    if isinstance(stored, str):
        return stored
    try:
        if stored.startswith(_PLAIN):
            return stored.decode()
        unpacker = zlib.decompressobj(_WINDOW_BITS, _dictionary(stored[0]))
        body = unpacker.decompress(stored[1:]) + unpacker.flush()
        if unpacker.eof:
            return body.decode()
    except (zlib.error, IndexError, FileNotFoundError, UnicodeDecodeError) as error:
        raise BodyDamaged(f"a packed body cannot be read: {error!r}") from error
    raise BodyDamaged("a packed body is incomplete")

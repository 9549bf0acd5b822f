"""When the last byte of each order reached the exchange: a ring in shared memory.

The front writes it, the clients read it; both use CLOCK_MONOTONIC, which all processes share. Also
what the clients cannot see themselves: how many connections were opened. Standard library only,
because peers read it from environments of their own.
"""

import mmap
import struct
from pathlib import Path
from typing import Self

UPBIT, BINANCE = 0, 1
VENUES = (UPBIT, BINANCE)
RING = 1 << 17
"""Orders remembered for each exchange; the oldest are overwritten."""
ID_BYTES = 40
_HEAD = struct.Struct("<QQ")
_ROW = struct.Struct(f"<QQ{ID_BYTES}s")
_HEADS_BYTES = 64
_SIZE = _HEADS_BYTES + len(VENUES) * RING * _ROW.size


class Stamps:
    """One ring for each exchange.

    Args:
        path: of the file that is shared, best in memory (``/dev/shm``).
        create: makes it anew; else it is there already.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if create:
            path.write_bytes(bytes(_SIZE))
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), _SIZE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back; the file stays."""
        self._memory.close()
        self._file.close()

    def count(self, venue: int) -> int:
        """How many orders have arrived."""
        return int(_HEAD.unpack_from(self._memory, venue * _HEAD.size)[0])

    def connections(self, venue: int) -> int:
        """How many connections were opened."""
        return int(_HEAD.unpack_from(self._memory, venue * _HEAD.size)[1])

    def counts(self) -> tuple[int, int]:
        """Orders at both exchanges."""
        return self.count(UPBIT), self.count(BINANCE)

    def at(self, venue: int, number: int) -> tuple[int, str]:
        """Nanoseconds of the last byte, and client order id, of the order with this number."""
        at_ns, _, name = _ROW.unpack_from(self._memory, self._place(venue, number))
        return int(at_ns), name.rstrip(b"\0").decode("ascii", "replace")

    def add(self, venue: int, at_ns: int, order_id: bytes) -> None:
        """An order's last byte came."""
        orders, connections = _HEAD.unpack_from(self._memory, venue * _HEAD.size)
        _ROW.pack_into(self._memory, self._place(venue, orders), at_ns, orders, order_id[:ID_BYTES])
        _HEAD.pack_into(self._memory, venue * _HEAD.size, orders + 1, connections)

    def add_connection(self, venue: int) -> None:
        """A connection was opened."""
        orders, connections = _HEAD.unpack_from(self._memory, venue * _HEAD.size)
        _HEAD.pack_into(self._memory, venue * _HEAD.size, orders, connections + 1)

    @staticmethod
    def _place(venue: int, number: int) -> int:
        return _HEADS_BYTES + (venue * RING + number % RING) * _ROW.size

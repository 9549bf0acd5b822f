"""The filters that the exchanges told last, kept over a restart.

An engine that starts beside an open pair can round an order at once: what the filters were a minute
ago nearly always holds, and an exchange that refuses it has them read anew.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.pairs.pair import Listing

_decoder = msgspec.json.Decoder(tuple[Instrument, ...])


class KnownFilters(Protocol):
    """Where filters outlive an engine."""

    def load(self) -> tuple[Instrument, ...]:
        """What was kept last; nothing if that cannot be read."""
        ...

    def keep(self, filters: Iterable[Instrument]) -> None:
        """Keep these instead."""
        ...


class FilterMemory:
    """For engines of one process: simulations."""

    def __init__(self) -> None:
        self._kept: tuple[Instrument, ...] = ()

    def load(self) -> tuple[Instrument, ...]:
        """What was kept last."""
        return tuple(map(_as_loaded, self._kept))

    def keep(self, filters: Iterable[Instrument]) -> None:
        """Keep these instead."""
        self._kept = tuple(map(_as_known, filters))


class FilterFile:
    """A file beside the journal. It only saves time: it may be deleted at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[Instrument, ...]:
        """What was kept last; nothing if the file is missing or not ours."""
        try:
            kept = _decoder.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return ()
        return tuple(map(_as_loaded, kept))

    def listings(self) -> dict[str, Listing]:
        """What the exchanges listed when it was kept, by symbol, for comparing names."""
        try:
            kept = _decoder.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return {}
        return {each.symbol: each.listing for each in kept if each.listing is not None}

    def keep(self, filters: Iterable[Instrument]) -> None:
        """Replace the file as a whole; a full disk costs nothing but the next start's time."""
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.json.encode(tuple(map(_as_known, filters))))
            fresh.replace(self._path)
        except OSError:
            return


def _as_loaded(instrument: Instrument) -> Instrument:
    """Filters of before nearly always hold; which coin is meant is asked anew before an entry."""
    return replace(instrument, listing=None)


def _as_known(instrument: Instrument) -> Instrument:
    """Whether it is traded, and what it is warned of, is another matter every minute."""
    return replace(instrument, is_trading=True, warning="", cautions=())

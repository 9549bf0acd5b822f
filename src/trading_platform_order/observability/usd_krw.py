"""KRW for one US dollar, as a service told it: shown beside the rate of USDT, never traded on.

`tporder web` asks the service (:mod:`~trading_platform_order.web.page.usd_krw_reader`) and keeps
this small file beside the store, so that the commands tell the same without a request of their own.
The file may be deleted at any moment: then rates of former hours are not known any more.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from trading_platform_order.storage.side_files.side_file import read_side_file, replace_side_file

READ_MAX = timedelta(minutes=15)
"""What was read longer ago is no rate of now."""
STANDS_MAX = timedelta(days=10)
"""Banks tell no rate at weekends and holidays, at most so long (Chuseok, lunar new year)."""
HOUR_S = 3_600
HOURS_MAX = 400 * 24
"""A rate an hour, of more than a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdKrw:
    """What was told last, and before.

    Attributes:
        krw_per_usd: the newest.
        at: the service's own time of it.
        read_at: when it was read, our calendar.
        hours: the last rate of each hour in which one was read, by seconds since 1970 as text.
    """

    krw_per_usd: Decimal
    at: datetime
    read_at: datetime
    hours: dict[str, Decimal] = field(default_factory=dict)

    def rate_now(self, now: datetime) -> Decimal | None:
        """``None`` while it is not read, or has stood still for too long."""
        if abs(now - self.read_at) > READ_MAX or now - self.at > STANDS_MAX:
            return None
        return self.krw_per_usd

    def rate_at(self, moment: datetime) -> Decimal | None:
        """Of the hour of ``moment``; ``None`` if none was read in it."""
        return self.hours.get(_hour(moment))


def noted(before: UsdKrw | None, krw_per_usd: Decimal, at: datetime, now: datetime) -> UsdKrw:
    """One more reading; the oldest hours go when there are too many."""
    hours = dict(before.hours) if before is not None else {}
    hours[_hour(now)] = krw_per_usd
    while len(hours) > HOURS_MAX:
        del hours[min(hours, key=int)]
    fresh = UsdKrw(krw_per_usd=krw_per_usd, at=at, read_at=now)
    return replace(fresh, hours=hours)


def _hour(moment: datetime) -> str:
    seconds = int(moment.timestamp())
    return str(seconds - seconds % HOUR_S)


def usd_krw_path(db: Path) -> Path:
    """Beside the database, one for all its accounts."""
    return db.with_name(f"{db.name}.usd-krw.json")


_decoder = msgspec.json.Decoder(UsdKrw)


def read_usd_krw(path: Path) -> UsdKrw | None:
    """What is in the file; ``None`` if there is none, or it is not ours."""
    return read_side_file(path, _decoder)


def write_usd_krw(path: Path, rates: UsdKrw) -> None:
    """Replace the file; a reader sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    replace_side_file(path, msgspec.json.encode(rates))

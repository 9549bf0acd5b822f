"""Deposits and withdrawals: what of an asset came in or left without a trade.

Official SDK 1.1.0 (``types/deposit``, ``types/withdraw``): GET /v1/deposits needs the permission to
view deposits, GET /v1/withdraws the one to view withdrawals; both list the newest first.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.outcome import ReadFailed, Transfer
from trading_platform_order.exchanges.upbit.requests import errors, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.parse import moment, not_negative
from trading_platform_order.exchanges.upbit.requests.rest import UpbitRest, unreadable

PAGE = 100
MAX_PAGES = 20


class _Row(msgspec.Struct):
    uuid: str
    currency: str
    state: str
    created_at: str
    amount: Decimal
    fee: Decimal = ZERO
    done_at: str | None = None


async def transfers(
    rest: UpbitRest, asset: str, since: datetime
) -> tuple[Transfer, ...] | ReadFailed:
    """Finished ones that were begun at ``since`` or later, oldest first."""
    found: list[Transfer] = []
    for path, done, sign in (("/v1/deposits", "ACCEPTED", 1), ("/v1/withdraws", "DONE", -1)):
        try:
            rows = await _rows(rest, path, asset, since)
            if isinstance(rows, Failure):
                return errors.as_read_failed(rows, path.removeprefix("/v1/"))
            found += [_transfer(row, sign) for row in rows if row.state == done]
        except wire.UNREADABLE as error:
            return ReadFailed(reason=f"upbit {path}: unreadable: {error}")
    return tuple(sorted(found, key=lambda transfer: transfer.at))


async def _rows(rest: UpbitRest, path: str, asset: str, since: datetime) -> list[_Row] | Failure:
    """Raises one of ``wire.UNREADABLE`` if a row cannot be dated."""
    found: list[_Row] = []
    for page in range(1, MAX_PAGES + 1):
        pairs = [
            ("currency", asset),
            ("limit", str(PAGE)),
            ("page", str(page)),
            ("order_by", "desc"),
        ]
        rows = await rest.read_rows(path, pairs, _Row, key="currency")
        if isinstance(rows, Failure):
            return rows
        if why := rows.why_unread((asset,)):
            return unreadable(why)
        ours = [row for row in rows.rows if row.currency == asset]
        young = [row for row in ours if moment(row.created_at) >= since]
        found += young
        if rows.total < PAGE or len(young) < len(ours):
            return found
    message = f"more than {MAX_PAGES * PAGE} of {asset}"
    return Failure(kind=Kind.UNKNOWN, code="transfers", message=message)


def _transfer(row: _Row, sign: int) -> Transfer:
    amount, fee = not_negative(row.amount), not_negative(row.fee)
    return Transfer(
        transaction_id=row.uuid,
        asset=row.currency,
        amount=amount - fee if sign > 0 else -(amount + fee),
        at=moment(row.done_at or row.created_at),
    )

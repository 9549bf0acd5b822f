"""Projections of what another hand did to a leg: its executions belong into the fills as well."""

from trading_platform_order.domain.money import parse_decimal, plain
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections.fill_columns import columns_of, key_of
from trading_platform_order.storage.projections.projection import (
    Changes,
    Event,
    Look,
    Put,
    Value,
    Values,
)

_SHARED = ("quantity", "fee", "fee_quote")


def hedge_closed(event: Event, look: Look) -> Changes:
    """Each execution once, however many strategies shared it; shares without one tell no fill."""
    shares = event.body.children("shares")
    fills = [share.child("fill") for share in shares if share.values.get("fill") is not None]
    return _fills(event, look, fills)


def position_read(event: Event, look: Look) -> Changes:
    """The executions by which a running trade's short went, told since there are such."""
    if not event.body.values.get("fills"):
        return []
    return _fills(event, look, event.body.children("fills"))


def _fills(event: Event, look: Look, fills: list[Body]) -> Changes:
    rows: dict[tuple[Value, ...], Values] = {}
    for fill in fills:
        key = key_of(fill)
        values = {**key, **columns_of(event, fill, leg="hedge")}
        name = tuple(key.values())
        before = rows.get(name) or look("fills", key)
        if before is not None:
            # A share of an execution of which another share was told before.
            values |= {n: _sum(before[n], values[n]) for n in _SHARED if values[n] is not None}
        rows[name] = values
    return [Put(table="fills", values=values) for values in rows.values()]


def _sum(one: str | int | None, other: str | int | None) -> str:
    return plain(parse_decimal(str(one)) + parse_decimal(str(other)))

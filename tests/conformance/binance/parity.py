"""In which fields the order requests of ccxt and python-binance may differ from ours, and why.

Order of fields and their place (query or body) do not matter to the exchange and are not compared.
A field that is not listed here must be there on both sides with the same value.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tests.conformance.binance.testbed import SeenRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One allowed difference; ``client`` empty: of every client."""

    field: str
    reason: str
    client: str = ""


DIFFERENCES = (
    Difference(field="newClientOrderId", reason="each client makes its own ids"),
    Difference(field="clientAlgoId", reason="each client makes its own ids"),
    Difference(field="timestamp", reason="the time of sending"),
    Difference(field="recvWindow", reason="ours is short: a late order must not happen"),
    Difference(
        field="newOrderRespType",
        reason="ours asks for RESULT, to know a fill without asking again; others take ACK",
    ),
    Difference(
        field="timeInForce",
        client="ccxt",
        reason="sends GTC with conditional orders, which is the exchange's default",
    ),
    Difference(
        field="workingType",
        client="ccxt",
        reason="may name the default CONTRACT_PRICE",
    ),
)


def unlisted(
    ours: SeenRequest, theirs: SeenRequest, *, client: str, conditional: bool
) -> list[str]:
    """What differs and is not listed; empty if the requests mean the same."""
    found = []
    if (ours.method, ours.path) != (theirs.method, theirs.path):
        found.append(f"{ours.method} {ours.path} against {theirs.method} {theirs.path}")
    allowed = {
        row.field
        for row in DIFFERENCES
        if row.client in {"", client}
        # A limit order's time in force must be the same everywhere.
        and (row.field not in {"timeInForce", "workingType"} or conditional)
    }
    for name in sorted(ours.params.keys() | theirs.params.keys()):
        mine, other = ours.params.get(name), theirs.params.get(name)
        if name not in allowed and not _same(mine, other):
            found.append(f"{name}: {mine!r} against {other!r}")
    return found


def _same(mine: str | None, other: str | None) -> bool:
    if mine == other:
        return True
    if mine is None or other is None:
        return False
    try:
        return Decimal(mine) == Decimal(other)
    except InvalidOperation:
        # Flags are read in any case.
        return mine.lower() == other.lower()

"""How long a close may take, and the legs may differ, while one endpoint fails.

An endpoint that is only read extends nothing. One that places orders extends by what its fault
makes impossible: until the fault has ended, and some seconds for the next attempt.
"""

from dataclasses import dataclass

from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.endpoint_sweep.cases import Case
from trading_platform_order.simulation.endpoint_sweep.endpoints import LAG_S, LASTS_S, Endpoint

CLOSE_S = 3.0
"""From its claim until both legs are closed."""
REACTS_S = 1.0
"""A stop-loss is begun within this once its loss has lasted long enough."""
BOOKS_S = 3.0
"""Without a usable book from the stream for so long, one is asked for, or the last one serves."""
PROOF_S = 10.0
"""An order that Binance never got is proven absent: a window of 5 s, then three looks in 2 s."""
GONE_S = 5.0
"""The watchdog lets an engine be gone for so long where legs differ."""
WAITS_S = 35.0
"""An EXIT without an engine has waited so long before the watchdog closes an even pair."""
DEAD_S = 6.0
"""Requests of an engine that died with its machine may arrive for so long; then the sweep."""
LOOKS_S = 2.0
"""The watchdog reads both exchanges before it acts, and finds what changed."""
AFTER_S = 20.0
"""After an endpoint for orders works again: the request that still hangs, the pause between two
attempts, and fresh books."""
SILENT_S = 10.0
"""A private stream that tells nothing is noticed, or the account looked at, within this."""
COUNTED_S = 9.0
"""Coins that are gone: Upbit is asked five times in 6 s, each time perhaps at a second endpoint."""
NAKED_S = 2.0
"""Beyond the exposure budget."""
IMPOSSIBLE = frozenset({"500", "hang"})
"""Faults of an endpoint for orders that let no order through."""
HIDES = frozenset({"500_taken", "hang_taken", "lag", "late_arrival"})
"""Faults of an endpoint for orders that hide a refusal: it must be proven that nothing stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one cell may take.

    Attributes:
        seconds: until it is over.
        naked_s: for so long the legs may differ.
        exempt: why the cell is measured and not judged; empty: it is judged.
    """

    seconds: float
    naked_s: float
    exempt: str = ""


_OF_CASE = {
    "stop_loss": CLOSE_S + REACTS_S,
    "coins_taken": COUNTED_S,
    "restart_unknown": CLOSE_S + PROOF_S,
    "restart_unknown_spot": CLOSE_S + PROOF_S,
    "restart_lost_rows": DEAD_S + LOOKS_S + CLOSE_S,
    "watchdog_uneven": GONE_S + LOOKS_S + CLOSE_S,
    "watchdog_exit": WAITS_S + LOOKS_S + CLOSE_S,
}
_SWEPT = frozenset(
    {
        "/v1/orders/open",
        "/v1/orders/closed",
        "/v1/accounts",
        "/fapi/v1/openOrders",
        "/fapi/v1/allOrders",
        "/fapi/v1/openAlgoOrders",
        "/fapi/v1/allAlgoOrders",
        "/fapi/v3/positionRisk",
    }
)
"""What the sweep of the exchanges reads after rows may have been lost."""
_PROVES = frozenset(
    {
        "/fapi/v1/order",
        "/fapi/v1/openOrders",
        "/fapi/v1/allOrders",
        "/fapi/v1/userTrades",
        "/fapi/v1/time",
        "/fapi/v3/positionRisk",
    }
)
"""What proves that Binance never got an order."""
_PROVES_SPOT = frozenset({"/v1/order", "/v1/orders/open", "/v1/orders/closed"})
"""What proves that Upbit never got an order, beside a post under its identifier."""
_TELLS = frozenset(
    {
        ("hedge_taken", "binance STREAM /private/ws"),
        ("hedge_taken", "binance POST /fapi/v1/listenKey"),
        ("coins_taken", "upbit STREAM /websocket/v1/private"),
    }
)
"""By case: which endpoints tell that a leg was taken."""
_LOST_ON_UPBIT = ("restart_unknown_spot", Venue.UPBIT)
_FAILS = frozenset({"500", "hang", "lag"})


def budget_of(endpoint: Endpoint | None, fault: str, case: Case, exposure_s: float) -> Budget:
    """What a cell may take; without an endpoint: the case alone.

    Args:
        endpoint: what fails.
        fault: how.
        case: what must go on.
        exposure_s: how long the legs may differ while completion is tried.
    """
    base_s = _OF_CASE.get(case.name, CLOSE_S)
    naked_s = exposure_s + NAKED_S + (base_s if case.has_dog else 0.0)
    if case.name == "restart_unknown":
        naked_s += PROOF_S
    if endpoint is None:
        return Budget(seconds=base_s, naked_s=naked_s)
    more_s = _impossible_s(endpoint, fault) + _hidden_s(endpoint, fault, case)
    if endpoint.is_market_stream:
        more_s += BOOKS_S
    # The legs stand apart until somebody says so; that extends no exposure.
    told_s = SILENT_S if (case.name, endpoint.name) in _TELLS else 0.0
    return Budget(
        seconds=base_s + more_s + told_s,
        naked_s=naked_s + more_s,
        exempt=_exempt(endpoint, fault, case),
    )


def _impossible_s(endpoint: Endpoint, fault: str) -> float:
    if not endpoint.places_orders:
        return 0.0
    if fault in IMPOSSIBLE:
        return LASTS_S + AFTER_S
    if fault == "late_arrival":
        # Binance refuses what arrives after its window: as if no order came through at all.
        return LAG_S + AFTER_S if endpoint.venue == "upbit" else LASTS_S + AFTER_S
    return 0.0


def _hidden_s(endpoint: Endpoint, fault: str, case: Case) -> float:
    """What a refusal that nobody hears needs to be told from an order that may still execute.

    Upbit burns the identifier of what it refused, and tells so in answer to another post under it,
    or never; what its order endpoint does not tell nobody else does. Binance forgets the order, and
    what it cannot take any more is proven absent.
    """
    is_asked = case.refuses is endpoint.venue or (case.name, endpoint.venue) == _LOST_ON_UPBIT
    if fault not in HIDES or not endpoint.places_orders or not is_asked:
        return 0.0
    return LASTS_S + AFTER_S if endpoint.venue is Venue.UPBIT else PROOF_S


def _exempt(endpoint: Endpoint, fault: str, case: Case) -> str:
    if case.name == "restart_unknown_spot" and endpoint.path in _PROVES_SPOT and fault in _FAILS:
        return (
            "an order of unknown outcome: the proof that it is absent reads this, or cancels here "
            "what used up its identifier"
        )
    if fault not in _FAILS or endpoint.method != "GET":
        return ""
    if case.loses_rows and endpoint.path in _SWEPT:
        return "rows may be lost: the sweep of the exchanges comes first, and it reads this"
    if case.name == "restart_unknown" and endpoint.path in _PROVES:
        return "an order of unknown outcome: the proof that it is absent reads this"
    return ""

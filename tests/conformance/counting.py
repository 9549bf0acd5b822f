"""How many calls each third-party client made at the simulated exchanges, for the table."""

import os
from collections import Counter

from exchange_simulator.exchanges import SimulatedWorld

CALLS: Counter[str] = Counter()
#: pairs of requests, ours and another client's, that were compared; and what differed unlisted
COMPARED: Counter[str] = Counter()
UNLISTED: Counter[str] = Counter()

_CLIENTS = {
    "upbit/test_ccxt": "ccxt upbit",
    "upbit/test_sdk": "upbit-sdk",
    "upbit/test_errors": "upbit clients, errors",
    "upbit/test_connections": "upbit clients, connections",
    "upbit/test_request_parity": "upbit clients and ours, request parity",
    "binance/test_ccxt": "ccxt binanceusdm",
    "binance/test_python_binance": "python-binance",
    "binance/test_parity": "binance clients and ours, request parity",
}


def count_calls(world: SimulatedWorld) -> None:
    """Add what the present test's client asked of this world."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    name = next((label for part, label in _CLIENTS.items() if part in test), "our adapters")
    CALLS[name] += sum(gateway.requests_seen for gateway in world.gateways.values())


def no_difference(venue: str, found: list[str]) -> None:
    """Count a comparison of requests and fail on what differs without being listed."""
    COMPARED[venue] += 1
    UNLISTED[venue] += len(found)
    assert not found, "\n".join(found)

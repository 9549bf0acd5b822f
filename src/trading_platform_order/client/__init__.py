"""The Python client: hand in signals, wait for their outcome, read positions, stop.

``Client`` for programs without an event loop, ``AsyncClient`` for those with one.
"""

from trading_platform_order.client.answers import Position
from trading_platform_order.client.api import AsyncClient, Client
from trading_platform_order.client.faults import (
    ClientFault,
    NoAccount,
    NoStore,
    NotAuthorised,
    Unanswered,
    Unavailable,
)
from trading_platform_order.client.handing_in import SendOutcome, Sent
from trading_platform_order.signals.research_format import ResearchRules

__all__ = [
    "AsyncClient",
    "Client",
    "ClientFault",
    "NoAccount",
    "NoStore",
    "NotAuthorised",
    "Position",
    "ResearchRules",
    "SendOutcome",
    "Sent",
    "Unanswered",
    "Unavailable",
]

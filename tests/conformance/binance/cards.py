"""All numbered facts of Binance USDS-M futures that we rely on."""

from tests.conformance.binance.card import MARK, Card, card
from tests.conformance.binance.cards_account import ACCOUNT_CARDS
from tests.conformance.binance.cards_basic import BASIC_CARDS
from tests.conformance.binance.cards_orders import ORDER_CARDS
from tests.conformance.binance.cards_wire import WIRE_CARDS

__all__ = ["BINANCE_CARDS", "MARK", "Card", "card"]

BINANCE_CARDS = BASIC_CARDS + ORDER_CARDS + ACCOUNT_CARDS + WIRE_CARDS

"""Binance USDS-M futures: signing, wire shapes, REST verbs and streams."""

from trading_platform_order.exchanges.binance.adapter import BinanceExchange
from trading_platform_order.exchanges.binance.requests.rest import HARMLESS, PING_TARGET, budgets

__all__ = ["HARMLESS", "PING_TARGET", "BinanceExchange", "budgets"]

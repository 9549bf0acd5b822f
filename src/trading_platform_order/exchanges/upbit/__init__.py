"""Upbit spot: signing, wire shapes, REST verbs and streams."""

from trading_platform_order.exchanges.upbit.adapter import UpbitExchange
from trading_platform_order.exchanges.upbit.requests.rest import HARMLESS, PING_TARGET, budgets
from trading_platform_order.exchanges.upbit.requests.signing import new_nonce

__all__ = ["HARMLESS", "PING_TARGET", "UpbitExchange", "budgets", "new_nonce"]

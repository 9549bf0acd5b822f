"""The simulated Binance USDS-M futures, on the exchange's own wire."""

from trading_platform_order.simulator.binance.venue import SimulatedBinance

__all__ = ["SimulatedBinance"]

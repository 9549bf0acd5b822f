"""The simulated Binance USDS-M futures, on the exchange's own wire."""

from exchange_simulator.binance.venue import SimulatedBinance

__all__ = ["SimulatedBinance"]

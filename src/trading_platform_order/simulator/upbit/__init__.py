"""The simulated Upbit; its door is :class:`SimulatedUpbit`."""

from trading_platform_order.simulator.upbit.venue import SimulatedUpbit

__all__ = ["SimulatedUpbit"]

"""The simulated Upbit; its door is :class:`SimulatedUpbit`."""

from exchange_simulator.upbit.venue import SimulatedUpbit

__all__ = ["SimulatedUpbit"]

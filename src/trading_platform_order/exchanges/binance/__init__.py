"""Binance USDS-M futures: signing, wire shapes, REST verbs and streams."""

"""Prices: live books, candles from files, generated markets, and the KRW value of USDT."""

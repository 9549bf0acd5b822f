"""Files of candles and recordings: what stands in them, and what is wrong with one."""

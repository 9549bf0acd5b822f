"""What is known beforehand to keep us from trading. Pure; entries alone wait for it."""

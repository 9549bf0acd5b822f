"""The margin account: wallet, positions, brackets, liquidation."""

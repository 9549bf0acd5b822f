"""The account: balances, positions, settings, rights of the key, and what fees are paid in."""

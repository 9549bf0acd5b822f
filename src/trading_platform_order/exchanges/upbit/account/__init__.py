"""The account: holdings, transfers, rights of the key, wallets."""

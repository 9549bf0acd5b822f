"""What an accountant needs of the ledger: movements with their KRW values and sources."""

"""What a watchdog closes with: the account, and an engine on it that can open nothing."""

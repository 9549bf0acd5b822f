"""Who may trade an account: its lock, its lease, and the last look before a byte leaves."""

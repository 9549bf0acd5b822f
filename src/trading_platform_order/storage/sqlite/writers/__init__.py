"""Who may write to an account's store, and whether it is alive."""

"""What we own: the ledger, the account book and what is compared with the exchanges."""

"""The whole system in virtual time, with checkers."""

"""What the exchanges tell of orders and legs whose outcome the journal does not hold."""

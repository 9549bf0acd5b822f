"""What the exchanges take of us for trading and for holding."""

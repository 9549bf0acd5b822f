"""What an account or a backtest brought, and how well it was traded: as data, page and picture."""

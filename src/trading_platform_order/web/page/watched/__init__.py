"""What the exchanges watch in API traders, for the risk screen."""

"""Who acts beside the engine on the same account: its watchdog, a standby, the last resort."""

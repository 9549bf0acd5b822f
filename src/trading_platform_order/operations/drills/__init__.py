"""Emergency stop and watchdog, measured."""

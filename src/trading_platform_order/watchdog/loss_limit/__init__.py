"""The day's loss by the watchdog's own two counts."""

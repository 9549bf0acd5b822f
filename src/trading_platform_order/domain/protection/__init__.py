"""What guards a held pair: stops on the hedge, lost legs, the watchdog's takeover."""

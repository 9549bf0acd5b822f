"""Orders: what may be asked, matching, fees, endings."""

"""Orders and conditional orders: validation, matching, fees, endings."""

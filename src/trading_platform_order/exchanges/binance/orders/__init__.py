"""Orders: sent, found, listed, looked up, cancelled; their trades; conditional orders."""

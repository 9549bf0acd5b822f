"""Orders: found, listed, looked up, and what their trades paid."""

"""What an operator runs beside the engine."""

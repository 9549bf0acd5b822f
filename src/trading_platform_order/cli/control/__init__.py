"""Commands by which an operator or a program changes something, through the engine's inbox."""

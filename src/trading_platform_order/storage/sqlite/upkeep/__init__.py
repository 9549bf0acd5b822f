"""What is done to a whole store beside an engine's work: checked, put back."""

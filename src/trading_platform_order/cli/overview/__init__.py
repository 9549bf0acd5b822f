"""Commands that show how an account stands now."""

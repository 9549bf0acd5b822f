"""What trading brought: of the account in its five parts, of the day, and of a single pair."""

"""What the log says: one line an event, as rows of a table."""

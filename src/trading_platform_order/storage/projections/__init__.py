"""Tables for readers, made of the journal's events."""

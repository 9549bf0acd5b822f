"""The journal (the truth) and the read models derived from it."""

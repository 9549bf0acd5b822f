"""Closes: they get through, and strip no hedge."""

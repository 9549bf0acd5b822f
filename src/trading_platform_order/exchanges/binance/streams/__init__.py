"""The account's own stream."""

"""Discord messages; never in the path of a trade."""

"""Words of the commands that write a file or a report."""

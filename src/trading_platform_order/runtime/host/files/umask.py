"""What files are made for; apart from `private_files`, so that `--help` imports no store."""

UMASK = 0o077
"""Files 0600, folders 0700: for their owner alone."""

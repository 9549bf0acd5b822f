"""What follows a running engine and may fail without it: log, metrics, files, snapshots."""

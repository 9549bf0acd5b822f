"""Both exchanges on their own wire, with faults, written from the facts."""

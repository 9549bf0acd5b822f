"""What every command shares: settings, store, output, exit codes, expected errors."""

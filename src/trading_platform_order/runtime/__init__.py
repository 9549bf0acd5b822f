"""Settings and composition: the only place that joins everything."""

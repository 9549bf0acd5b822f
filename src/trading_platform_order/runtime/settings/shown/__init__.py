"""Settings as people see them: meanings, sources, masks, and the files that hold them."""

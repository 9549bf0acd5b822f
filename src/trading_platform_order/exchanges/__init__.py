"""Exchange adapters: one folder each, the same verbs."""

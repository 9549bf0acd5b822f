"""Every setting, its meaning and its limits."""

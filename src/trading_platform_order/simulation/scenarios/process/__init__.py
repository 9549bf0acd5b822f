"""The engine's process, its clock and its limits, alone and beside a watchdog."""

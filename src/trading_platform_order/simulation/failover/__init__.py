"""Engine and watchdog together, either of them failing."""

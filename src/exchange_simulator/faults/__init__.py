"""What can go wrong at a simulated exchange."""

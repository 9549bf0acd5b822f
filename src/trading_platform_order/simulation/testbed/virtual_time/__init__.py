"""Time of a simulated run: the loop that moves it, and the clocks that read it."""

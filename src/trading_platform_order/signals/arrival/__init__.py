"""How signals reach the engine from other processes: inbox, local socket, stream, and the knock."""

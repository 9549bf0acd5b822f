"""The REST paths and the trading WebSocket, a file for each family."""

"""The WebSockets and what is told on them."""

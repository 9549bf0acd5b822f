"""Listen keys, sockets and the events on them."""

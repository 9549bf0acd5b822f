"""HTTP/1.1 by hand, for orders: warm connections, one request on each, nothing sent twice."""

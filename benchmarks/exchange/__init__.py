"""What stands in for the exchanges: a front that knows when each order's last byte came."""

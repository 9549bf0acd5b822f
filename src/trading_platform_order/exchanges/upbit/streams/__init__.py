"""WebSockets of Upbit, and the account's own stream."""

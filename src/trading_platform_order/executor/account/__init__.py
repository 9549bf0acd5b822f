"""The account kept durable and compared with the exchanges."""

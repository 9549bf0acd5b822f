"""What a message says of an alert, whatever the channel."""

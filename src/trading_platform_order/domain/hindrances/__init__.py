"""What keeps orders back: an exchange's word, a dead key, an announced end."""

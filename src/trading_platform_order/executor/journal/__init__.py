"""Events as journal rows, and the state made of them again."""

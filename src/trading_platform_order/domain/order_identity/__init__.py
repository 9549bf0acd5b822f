"""How an order of ours is named, and known again where an exchange lists it."""

"""The order that makes both legs agree again: on which leg, how much, how soon, in which form."""

"""Pre-trade checks and limits. Pure: a plan goes in, an approval or a refusal comes out."""

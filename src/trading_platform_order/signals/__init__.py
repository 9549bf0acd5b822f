"""Where signals come from, and the door that refuses broken ones."""

"""What the exchanges hold, against our own count: differences, proofs of absence, lost rows."""

"""From a signal to an opened trade or a stored refusal, for real and rehearsed without effects."""

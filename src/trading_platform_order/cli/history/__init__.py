"""Commands that show what happened, from the journal and the views."""

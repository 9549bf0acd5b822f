"""What is looked at and set up before an engine trades."""

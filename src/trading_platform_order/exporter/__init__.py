"""The journal into the tables of the storage repository: a process of its own."""

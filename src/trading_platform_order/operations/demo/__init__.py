"""The whole job on a replayed market."""

"""HTTP control and dashboard; built by a later step."""

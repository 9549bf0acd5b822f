"""The services that alerts are sent to, one module each."""

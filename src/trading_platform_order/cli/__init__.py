"""The tporder command."""

"""How signals and commands come in: inbox, watched folder, local socket."""

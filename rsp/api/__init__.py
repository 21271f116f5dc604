"""The HTTP API: a door like the command line, for programs."""

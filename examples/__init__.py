"""The examples: evidence files to load, the scripts that made them, and the demo."""

"""Package data: the policies are the files beside this one (README.md here); their shape is ``thresholds.policy``."""

"""Package data: the criteria sets are the files beside this one (README.md here); their shape is ``thresholds.criterion``."""

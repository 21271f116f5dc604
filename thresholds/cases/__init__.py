"""Package data: the files of cases are beside this one (README.md here), one a criteria set; their shape is ``thresholds.case_records``."""

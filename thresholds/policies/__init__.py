"""Package data: the files beside this one are the policies themselves; see README.md here."""

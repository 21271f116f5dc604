"""Attacks on the program as it runs, bounded in count and time, on this machine only. ``python -m tests.abuse NAME`` runs one."""

"""Readers of files that other programs wrote: bytes in, what they tell of runs out. One file a format."""

"""Tests of what was measured and of its statistics."""

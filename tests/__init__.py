"""Tests, one folder a package; a test is named by its rule."""

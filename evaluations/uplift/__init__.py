"""Uplift trials: people with the model against people without it, from a summary of two arms to many cohorts."""

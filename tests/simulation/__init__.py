"""Simulated error rates of the product's own decisions, held against the acceptance bars B1 to B17. ``make simulate`` runs all of it."""

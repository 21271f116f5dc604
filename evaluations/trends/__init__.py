"""Scores over time or compute: lines, bands, crossings, ceilings, bends, and points that fall out of line."""

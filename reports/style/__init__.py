"""The page style of printed reports, read by ``reports.pdf``; data only."""

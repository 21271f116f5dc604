"""The typeface of every report and figure (Inter, SIL Open Font License); data only."""

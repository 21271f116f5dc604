"""What was measured, and the statistics of it. Pure: no database, network, clock, environment or chance."""

"""Policy and decision. Pure: no database, network, clock, environment or chance."""

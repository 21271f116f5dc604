"""Everything that is recorded, and the log that proves it. The only package that knows SQLAlchemy.

``session.Store`` opens, reads and writes; ``reading`` answers questions; ``verify.verify`` compares everything with the log;
``upgrade.upgrade`` makes or upgrades a database. What is recorded how is told by ``shapes`` and the three ``*tables`` modules.

Left out: names imported here, so that a command that never opens a database does not load SQLAlchemy.
"""

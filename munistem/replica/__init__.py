"""Pages read from a replica of the database when there is one: who wrote sees what was written (docs/decisions/, docs/scaling.md)."""

"""Database and files as one set: made while members write, read back whole or not at all (docs/operations.md)."""

"""Programmes from a table: table.py (columns and words), check.py (what a row says), carry.py (deeds)."""

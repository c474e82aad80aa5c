"""Many items at once: table.py (columns and words), row.py, check.py and kinds.py (what a row says), carry.py (deeds)."""

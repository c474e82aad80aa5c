"""Many items at once: table.py (columns and words), check.py (what a row says), carry.py (the deeds)."""

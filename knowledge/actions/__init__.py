"""Deeds of the library: write.py (start, save, send), review.py (publish, return), keep.py (withdraw, restore, index)."""

"""Deeds that reach through all rooms."""

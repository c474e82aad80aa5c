"""Notices: what happened (Event), whom it reaches (Notice), how (Choice); see kinds.py for what a room declares."""

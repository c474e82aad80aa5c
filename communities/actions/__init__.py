"""Deeds: membership, topics, posts; mentions are part of writing; admission of organisations joins members and communities."""

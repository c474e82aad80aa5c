"""A world for probes: an account of every role, an object of every kind and visibility, each with marks of its own."""

"""The demo network: made-up people and texts around real rows of the register, the same for the same seed."""

"""People, organisations and the register in the admin."""

"""What is done with the register, people, teams and applications; one module a noun."""

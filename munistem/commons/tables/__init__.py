"""Tables that people fill in and send: their heads in three languages, what a row says and what is wrong with it."""

"""Files that arrive in pieces and go on after a lost connection: announced, sent piece by piece, examined, then used."""

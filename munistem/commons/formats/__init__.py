"""How numbers and dates are written where Django's own habits are not those of the country."""

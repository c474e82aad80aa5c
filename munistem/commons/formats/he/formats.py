"""Hebrew: what Django leaves out."""

NUMBER_GROUPING = 3

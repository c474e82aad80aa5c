"""What people fill in about themselves, their team and their organisation."""

from members.forms.person import SignupForm

__all__ = ["SignupForm"]

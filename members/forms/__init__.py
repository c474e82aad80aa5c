from members.forms.person import SignupForm

__all__ = ["SignupForm"]

from members.models.account import Archive, ClosingWarning, Departure, Device
from members.models.application import Application, ApplicationMessage, DeclineReason, TeamRequest
from members.models.organisation import Invitation, Organisation, Representative
from members.models.person import PersonTerm, User
from members.models.register import AuthorityFigure, LocalAuthority, RegionalCluster
from members.models.role import RoleHolding

__all__ = [
    "Application",
    "ApplicationMessage",
    "Archive",
    "AuthorityFigure",
    "ClosingWarning",
    "DeclineReason",
    "Departure",
    "Device",
    "Invitation",
    "LocalAuthority",
    "Organisation",
    "PersonTerm",
    "RegionalCluster",
    "Representative",
    "RoleHolding",
    "TeamRequest",
    "User",
]

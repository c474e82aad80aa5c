"""What the room tells people; each part of it declares the notices it knows."""

from members.emails import account, application, role, team, team_request
from munistem.commons.notices.kinds import register


def declare() -> None:
    register(*application.KINDS, *team.KINDS, *team_request.KINDS, *role.KINDS, *account.KINDS)

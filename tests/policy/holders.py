"""Handing the STEM role of a municipality over, and where its pack stands."""

from django.utils import timezone

from members.actions.role import appoint_holder


def hand_over(town, manager, person=None, **fields):
    day = timezone.localdate()
    return appoint_holder(by=manager, authority=town.authority, person=person, since_on=day, **fields)


def pack_address(town, rest=""):
    return f"/policy/authorities/{town.authority_id}/handover/{rest}"

"""Whether a call for proposals fits a municipality: each thing that the call asks for beside the fact of the register.

A call fits when it asks for something and the municipality has all of it. Where the register does not tell, it may fit; what a
call does not ask for, everyone has. Ends of a range belong to it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from knowledge.models.details import codes_in, range_in, said_range
from members.enums import District, PopulationGroup
from munistem.commons.text.names import listed
from policy.enums.call import Fit

#: What is asked as from – to, with the fact that it is compared with.
RANGES = {
    "size": "population",
    "socioeconomic": "socioeconomic_cluster",
    "periphery": "periphery_cluster",
}
#: What is asked as one of several.
ONE_OF = {"groups": "population_group", "districts": "district", "clusters": "cluster"}


class Town(NamedTuple):
    """The facts of a municipality; None and "" are not known, ``cluster`` "" is none.

    cluster: part of the address of its regional cluster.
    """

    population: int | None = None
    socioeconomic_cluster: int | None = None
    periphery_cluster: int | None = None
    population_group: str = ""
    district: str = ""
    cluster: str = ""


class Check(NamedTuple):
    """One thing that a call asks for. fits: None where the register does not tell; wanted: a range or codes."""

    what: str
    fits: bool | None
    fact: Any
    wanted: Any


def town_of(authority: Any, cluster: Any) -> Town:
    """The facts of a row of the register and its regional cluster, if it is in one."""
    facts = (getattr(authority, name) for name in Town._fields[:-1])
    return Town._make([*facts, cluster.slug if cluster else ""])


def checks_of(details: Mapping[str, Any], town: Town) -> list[Check]:
    """What the fields of a call ask for, in their order."""
    checks = []
    for what, name in RANGES.items():
        first, last = wanted = range_in(details, what)
        fact = getattr(town, name)
        if wanted != (None, None):
            fits = (
                None if fact is None else (first is None or first <= fact) and (last is None or fact <= last)
            )
            checks.append(Check(what, fits, fact, wanted))
    for what, name in ONE_OF.items():
        if codes := codes_in(details, what):
            fact = getattr(town, name)
            is_known = bool(fact) or what == "clusters"  # who is in no cluster is in none of these
            checks.append(Check(what, fact in codes if is_known else None, fact, codes))
    return checks


def fit_of(checks: list[Check]) -> Fit:
    """All of them together."""
    answers = [check.fits for check in checks]
    if False in answers:
        return Fit.NOT
    if None in answers:
        return Fit.UNSURE
    return Fit.FITS if answers else Fit.OPEN


# In words ------------------------------------------------------------------------------------------------


def said(check: Check, names: Mapping[str, str]) -> str:
    """One reason as a fact, and what the call asks for. names: of regional clusters, by the part of their address."""
    fact, wanted = said_fact(check, names), said_wanted(check, names)
    words = {"fact": fact, "wanted": wanted}
    if check.fits is None:
        return said_unknown(check.what) % words
    return said_known(check.what) % words


def said_known(what: str) -> str:
    return {
        "size": _("%(fact)s residents; asked for: %(wanted)s"),
        "socioeconomic": _("socio-economic cluster %(fact)s; asked for: %(wanted)s"),
        "periphery": _("periphery cluster %(fact)s; asked for: %(wanted)s"),
        "groups": _("population group: %(fact)s; asked for: %(wanted)s"),
        "districts": _("%(fact)s; asked for: %(wanted)s"),
        "clusters": _("regional cluster: %(fact)s; asked for: %(wanted)s"),
    }[what]


def said_unknown(what: str) -> str:
    return {
        "size": _("residents not known; asked for: %(wanted)s"),
        "socioeconomic": _("socio-economic cluster not known; asked for: %(wanted)s"),
        "periphery": _("periphery cluster not known; asked for: %(wanted)s"),
        "groups": _("population group not known; asked for: %(wanted)s"),
        "districts": _("district not known; asked for: %(wanted)s"),
        "clusters": _("regional cluster not known; asked for: %(wanted)s"),
    }[what]


def said_fact(check: Check, names: Mapping[str, str]) -> str:
    if check.what in RANGES:
        return f"{check.fact:,}" if check.fact is not None else ""
    if check.what == "clusters" and not check.fact:
        return _("none")
    return labels_of(check.what, [check.fact], names)


def said_wanted(check: Check, names: Mapping[str, str]) -> str:
    return said_range(*check.wanted) if check.what in RANGES else labels_of(check.what, check.wanted, names)


def labels_of(what: str, codes: list[str], names: Mapping[str, str]) -> str:
    if what == "clusters":
        return listed(names.get(code, code) for code in codes)
    known = dict((PopulationGroup if what == "groups" else District).choices)
    return listed(str(known.get(code, code)) for code in codes)

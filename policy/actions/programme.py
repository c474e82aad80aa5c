"""Programmes entered, changed, brought to their end and taken up again by who keeps them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from members.models import LocalAuthority, Organisation
from munistem.commons import audit
from munistem.commons.search.analyser import normalised
from munistem.commons.terms.models import Term
from policy.enums import ProgrammeStatus
from policy.models import Programme, ProgrammeFunder, ProgrammeSchool
from policy.models.programme import ENDED
from policy.rules import is_admin
from policy.rules import programme as rules

#: What a programme says in fields of its own.
SAID = (
    *("name", "language", "what", "provider", "provider_organisation", "partners", "life_stages", "settings"),
    *("since", "until", "status", "quality_assurance", "visibility", "identifier"),
)


class NotTheirs(Exception):
    """The person does not keep the programmes of the municipality."""


class Stale(Exception):
    """Somebody changed the programme after the form was opened; it stands in ``programme`` as it is now."""

    def __init__(self, programme: Programme):
        super().__init__(programme)
        self.programme = programme


class Taken(Exception):
    """Another programme of the municipality has the identifier."""


class FiguresStand(Exception):
    """Figures are split by a life stage or setting that the programme would no longer name; those are in ``codes``."""

    def __init__(self, codes: list[str]):
        super().__init__(codes)
        self.codes = codes


@transaction.atomic
def enter_programme(
    *,
    by: Any,
    authority: LocalAuthority,
    said: Mapping[str, Any],
    terms: Iterable[Term] = (),
    funders: Iterable[Organisation | str] = (),
    schools: Iterable[tuple[str, str]] = (),
    nonce: UUID | None = None,
) -> Programme:
    """Enter a programme of a municipality; a form sent again answers with what it made first.

    said: values of SAID; funders: members or names; schools: pairs of name and number, "" for none.
    Raises NotTheirs and Taken.
    """
    if not rules.can_keep_programmes(by, authority):
        raise NotTheirs
    LocalAuthority.objects.select_for_update(no_key=True).only("pk").get(pk=authority.pk)
    if nonce and (known := Programme.objects.filter(nonce=nonce, authority=authority).first()):
        return known
    _free_identifier(authority.pk, said.get("identifier", ""), None)
    programme = Programme(authority=authority, created_by=by, nonce=nonce, **_own(said))
    programme.save()
    _keep_parts(programme, terms, funders, schools)
    audit.record("enter_programme", programme, by=by, authority=authority.pk)
    return programme


@transaction.atomic
def change_programme(
    *,
    by: Any,
    programme: Programme,
    said: Mapping[str, Any],
    terms: Iterable[Term] | None = None,
    funders: Iterable[Organisation | str] | None = None,
    schools: Iterable[tuple[str, str]] | None = None,
    seen: int | None = None,
) -> Programme:
    """Change what a programme says; what is not given (None, or not in ``said``) stays as it is.

    seen: the version that the form was made from. Raises NotTheirs, Stale, Taken and FiguresStand.
    """
    row = lock(programme.pk)
    if not rules.can_keep_programme(by, row):
        raise NotTheirs
    if seen is not None and seen != row.version:
        raise Stale(row)
    changed = [field for field, value in said.items() if field in SAID and getattr(row, field) != value]
    for field in changed:
        setattr(row, field, said[field])
    _refuse_loose_figures(row)
    if "identifier" in changed:
        _free_identifier(row.authority_id, row.identifier, row.pk)
    changed += _keep_parts(row, terms, funders, schools)
    if changed:
        row.version += 1
        row.save()
        audit.record("change_programme", row, by=by, fields=sorted(changed))
    return row


@transaction.atomic
def end_programme(*, by: Any, programme: Programme, status: str, until: int, reason: str = "") -> Programme:
    """Say that a programme ended as planned or was stopped, and its last school year; its figures stay. Raises NotTheirs."""
    row = lock(programme.pk)
    if not rules.can_keep_programme(by, row):
        raise NotTheirs
    if (row.status, row.until, row.end_reason) == (status, until, reason):
        return row
    row.status, row.until, row.end_reason = ProgrammeStatus(status), until, reason
    row.version += 1
    row.save()
    audit.record("end_programme", row, by=by, status=str(status), until=until, reason=reason)
    return row


@transaction.atomic
def take_up_programme(*, by: Any, programme: Programme) -> Programme:
    """Let a programme that was over run again, without an end. Raises NotTheirs."""
    row = lock(programme.pk)
    if not rules.can_keep_programme(by, row):
        raise NotTheirs
    if row.status in ENDED:
        row.status, row.until, row.end_reason = ProgrammeStatus.RUNNING, None, ""
        row.version += 1
        row.save()
        audit.record("take_up_programme", row, by=by)
    return row


@transaction.atomic
def remove_programme(*, by: Any, programme: Programme) -> None:
    """Remove a programme that was entered by mistake, with its figures; for admins. Raises NotTheirs."""
    if not is_admin(by):
        raise NotTheirs
    row = lock(programme.pk)
    audit.record("remove_programme", row, by=by, authority=row.authority_id, name=row.name)
    row.delete()


def lock(pk: int) -> Programme:
    """The programme's row under lock, so that its figures and its words change one after the other."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("authority").defer("authority__search_vector").get(pk=pk)


def school_mark(name: str, code: str) -> str:
    """By what a school is known: its number, else its name as names are compared."""
    return code or normalised(name) or name.casefold()


def _own(said: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in said.items() if field in SAID}


def _free_identifier(authority_id: int, identifier: str, pk: int | None) -> None:
    if not identifier:
        return
    rows = Programme.objects.filter(authority=authority_id, identifier=identifier)
    if (rows.exclude(pk=pk) if pk else rows).exists():
        raise Taken


def _refuse_loose_figures(programme: Programme) -> None:
    """Figures of a stage or setting stand in the programme's own stages and settings."""
    cells = set(programme.figures.values_list("life_stage", "setting"))
    stages = {stage for stage, _setting in cells if stage} - set(programme.life_stages)
    settings = {setting for _stage, setting in cells if setting} - set(programme.settings)
    if stages or settings:
        raise FiguresStand(sorted(stages) + sorted(settings))


def _keep_parts(
    programme: Programme,
    terms: Iterable[Term] | None,
    funders: Iterable[Organisation | str] | None,
    schools: Iterable[tuple[str, str]] | None,
) -> list[str]:
    """Terms, funders and schools as given; returns which of them are different now."""
    changed = []
    if terms is not None and {term.pk for term in terms} != set(programme.terms.values_list("pk", flat=True)):
        programme.terms.set(terms)
        changed.append("terms")
    if funders is not None and _keep_funders(programme, list(dict.fromkeys(funders))):
        changed.append("funders")
    if schools is not None and _keep_schools(programme, schools):
        changed.append("schools")
    return changed


def _keep_funders(programme: Programme, funders: list[Organisation | str]) -> bool:
    wanted = [(None, one) if isinstance(one, str) else (one.pk, "") for one in funders]
    rows = programme.funders.in_order()
    if list(rows.values_list("organisation_id", "name")) == wanted:
        return False
    rows.delete()
    ProgrammeFunder.objects.bulk_create(
        ProgrammeFunder(programme=programme, organisation_id=pk, name=name, position=place)
        for place, (pk, name) in enumerate(wanted)
    )
    return True


def _keep_schools(programme: Programme, schools: Iterable[tuple[str, str]]) -> bool:
    wanted: dict[str, tuple[str, str]] = {}
    for name, code in schools:
        wanted.setdefault(school_mark(name, code), (name, code))
    rows = programme.schools.in_order()
    if list(rows.values_list("name", "code")) == list(wanted.values()):
        return False
    rows.delete()
    ProgrammeSchool.objects.bulk_create(
        ProgrammeSchool(programme=programme, name=name, code=code, mark=mark, position=place)
        for place, (mark, (name, code)) in enumerate(wanted.items())
    )
    return True

"""The smallest valid programmes and yearly figures."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from members.models import LocalAuthority, Organisation
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.tables.states import BulkState
from munistem.commons.terms.models import Term, TermKind
from policy.enums import Gap, Quality
from policy.models import (
    BriefCopy,
    BriefSignOff,
    PlanItem,
    PopulationFigure,
    Programme,
    ProgrammeFigure,
    ProgrammeFunder,
    ProgrammeImport,
    ProgrammeRow,
    ProgrammeSchool,
)
from policy.models.figures import COUNTED
from tests.members.factories import make_municipality

numbers = itertools.count(1)


def make_programme(authority: LocalAuthority | Organisation | None = None, **fields: Any) -> Programme:
    """A public programme that runs in a primary school; ``terms=`` and ``funders=`` (organisations or names) as given.

    authority: the register's row, or a municipality; a member municipality of its own unless given.
    """
    number = next(numbers)
    terms, funders = fields.pop("terms", ()), fields.pop("funders", ())
    place = authority or make_municipality()
    programme = Programme.objects.create(
        **{
            "authority": place.authority if isinstance(place, Organisation) else place,
            "name": f"Programme {number}",
            "language": "en",
            "life_stages": [LifeStage.PRIMARY],
            "settings": [Setting.FORMAL],
            **fields,
        }
    )
    programme.terms.set(terms)
    for position, funder in enumerate(funders):
        told = {"organisation": funder} if isinstance(funder, Organisation) else {"name": funder}
        ProgrammeFunder.objects.create(programme=programme, position=position, **told)
    return programme


def make_school(programme: Programme, name: str = "", **fields: Any) -> ProgrammeSchool:
    name = name or f"School {next(numbers)}"
    return ProgrammeSchool.objects.create(
        programme=programme, **{"name": name, "mark": name.lower(), **fields}
    )


def make_figure(programme: Programme | None = None, year: int = 2026, **fields: Any) -> ProgrammeFigure:
    """Figures of a year in the programme's first stage and setting; what is not given is unknown, the rest measured."""
    programme = programme or make_programme()
    values = {
        "life_stage": programme.life_stages[0] if len(programme.life_stages) == 1 else "",
        "setting": programme.settings[0] if len(programme.settings) == 1 else "",
    }
    for name in COUNTED:
        known = fields.get(name) is not None
        values[f"{name}_quality"] = Quality.MEASURED if known else Quality.UNKNOWN
    return ProgrammeFigure.objects.create(programme=programme, year=year, **{**values, **fields})


def make_population(**fields: Any) -> Term:
    number = next(numbers)
    names = {f"name_{code}": f"Population {number}" for code in ("he", "ar", "en")}
    return Term.objects.create(
        **{
            "name": f"population {number}",
            "slug": f"population-{number}",
            "kind": TermKind.POPULATION,
            "is_curated": True,
            **names,
            **fields,
        }
    )


def make_population_figure(figure: ProgrammeFigure | None = None, **fields: Any) -> PopulationFigure:
    value = fields.get("value")
    return PopulationFigure.objects.create(
        **{
            "figure": figure or make_figure(),
            "term": fields.pop("term", None) or make_population(),
            "quality": Quality.UNKNOWN if value is None else Quality.MEASURED,
            **fields,
        }
    )


def make_programme_import(by: Any, authority: LocalAuthority, **fields: Any) -> ProgrammeImport:
    """A table that was read, with a row in order and one to mend."""
    carried = ProgrammeImport(
        **{
            "authority": authority,
            "made_by": by,
            "nonce": uuid4(),
            "state": BulkState.READ,
            "table_name": "programmes.csv",
            "year": 2026,
            "language": "en",
            "expires_at": timezone.now() + timedelta(days=30),
            **fields,
        }
    )
    carried.table.save("table", ContentFile(b"Programme\n"), save=False)
    carried.save()
    wrong = {
        "column": "girls",
        "weight": "error",
        "text": "“%(word)s” is no whole number.",
        "words": {"word": "x"},
    }
    hint = wrong | {"column": "subjects", "weight": "warning", "text": "“%(word)s” is left aside."}
    for number, problem in ((2, hint), (3, wrong)):
        told = {"name": f"Row {number}", "girls": "3" if problem is hint else "x"}
        ProgrammeRow.objects.create(
            carried=carried,
            number=number,
            told=told,
            identifier=f"name:row {number}",
            does="new",
            problems=[problem],
            error_count=int(problem is wrong),
            warning_count=int(problem is hint),
        )
    return carried


def make_plan_item(by: Any, authority: LocalAuthority, **fields: Any) -> PlanItem:
    """Something to do about an empty cell in a month, by the person who planned it."""
    return PlanItem.objects.create(
        **{
            "authority": authority,
            "year": 2026,
            "life_stage": LifeStage.PRIMARY,
            "setting": Setting.FORMAL,
            "gap": Gap.EMPTY,
            "what": "Bring robotics to every school",
            "owner": by,
            "due_on": timezone.localdate() + timedelta(days=30),
            "nonce": uuid4(),
            "created_by": by,
            **fields,
        }
    )


def make_signed_brief(by: Any, authority: LocalAuthority, **fields: Any) -> BriefSignOff:
    """A first edition of this year with a copy in every language, signed by the person."""
    signed = BriefSignOff.objects.create(
        **{"authority": authority, "year": 2026, "edition": 1, "fingerprint": "x", "signed_by": by, **fields}
    )
    for code in Language.values:
        BriefCopy.objects.create(sign_off=signed, language=code, told={}, paper=b"%PDF-1.7")
    return signed

"""What two municipalities of the demo plan to do about their gaps: one thing with the figure since, one that is new, one done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from members.models import LocalAuthority, User
from munistem.commons.days.school import school_year_of
from munistem.commons.enums import LifeStage, Setting
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, pour, uuid_of
from policy.enums import Gap, PlanState
from policy.models import PlanItem, Programme, ProgrammeFigure
from policy.models.honest import Honest, as_entered
from policy.models.picture import Cell, programmes_by_cell, years_of

#: Who plans, in which language.
PLANNERS = {"manager": "he", "member": "ar"}
#: What is done about a gap; an empty cell says it by its setting.
DEEDS = {
    "he": {
        Gap.GIRLS: "קבוצה לבנות בהדרכת תלמידות תיכון, וסבב הזמנה אישי בכיתות (הדגמה)",
        Gap.UNKNOWN: "לאסוף מכל המפעילים כמה משתתפות ומשתתפים יש בכל קבוצה (הדגמה)",
        Setting.FORMAL: "שעה שבועית בבית ספר אחד, כניסיון לשנה (הדגמה)",
        Setting.INFORMAL: "חוג ראשון במתנ״ס, עם הסעה מהשכונות הרחוקות (הדגמה)",
        Setting.FAMILY: "ערב מדע למשפחות במתנ״ס, פעם בחודש (הדגמה)",
        Setting.INDUSTRY: "ימי ביקור בשני מפעלים באזור התעשייה (הדגמה)",
    },
    "ar": {
        Gap.GIRLS: "مجموعة للبنات بإرشاد طالبات من الثانوية، ودعوة شخصية في الصفوف (تجريبي)",
        Gap.UNKNOWN: "جمع أعداد المشاركات والمشاركين في كل مجموعة من جميع المشغّلين (تجريبي)",
        Setting.FORMAL: "ساعة أسبوعية في مدرسة واحدة، تجربةً لسنة (تجريبي)",
        Setting.INFORMAL: "دورة أولى في المركز الجماهيري، مع سفريات من الأحياء البعيدة (تجريبي)",
        Setting.FAMILY: "أمسية علوم للعائلات في المركز الجماهيري مرة في الشهر (تجريبي)",
        Setting.INDUSTRY: "أيام زيارة لمصنعين في المنطقة الصناعية (تجريبي)",
    },
}
#: Where an empty cell is filled first.
PLACES = (
    Cell(LifeStage.UPPER_SECONDARY, Setting.INDUSTRY),
    Cell(LifeStage.PRIMARY, Setting.FAMILY),
    Cell(LifeStage.LOWER_SECONDARY, Setting.INDUSTRY),
    Cell(LifeStage.EARLY_CHILDHOOD, Setting.INFORMAL),
    Cell(LifeStage.LOWER_SECONDARY, Setting.FAMILY),
)
SCHOOL = (LifeStage.PRIMARY, LifeStage.LOWER_SECONDARY, LifeStage.UPPER_SECONDARY)
PLANNED_AGO, NEWLY_AGO, DONE_AGO = 290, 12, 75
DUE_SOON, DUE_LATER, DUE_BEFORE = 24, 150, 90


def plan(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Write the plans; nothing where nobody runs anything."""
    items = []
    for who, language in PLANNERS.items():
        owner = cast.accounts[who]
        town = cast.organisation_of(owner)
        if town and town.authority:
            items += list(planned(Planner(town.authority, owner, DEEDS[language], calendar, rng)))
    pour(items)


@dataclass
class Planner:
    """A municipality, who plans for it, and in which words."""

    authority: LocalAuthority
    owner: User
    deeds: dict[Gap | Setting, str]
    calendar: Calendar
    rng: Random

    def item(
        self, cell: Cell, gap: Gap, year: int, figure: Honest, *, ago: int, due: int, **more: Any
    ) -> PlanItem:
        """ago: days since it was planned; due: days until it is due, from today."""
        return PlanItem(
            authority=self.authority,
            year=year,
            life_stage=cell.stage,
            setting=cell.setting,
            gap=gap,
            what=self.deeds[Setting(cell.setting) if gap == Gap.EMPTY else gap],
            owner=self.owner,
            due_on=self.calendar.today + timedelta(days=due),
            participants=figure.participants,
            girls=figure.girls,
            counted=figure.counted,
            nonce=uuid_of(self.rng),
            created_by=self.owner,
            created_at=self.calendar.ago(ago),
            **more,
        )


def planned(planner: Planner) -> Iterator[PlanItem]:
    """Few girls last year, with the figure since; what was begun since, and is done; what is empty now."""
    year, authority = school_year_of(planner.calendar.today), planner.authority
    sums = years_of(authority, figures=ProgrammeFigure.objects.all())
    then, now = (
        {cell: as_entered(counts) for cell, counts in sums.get(one, {}).items() if all(cell)}
        for one in (year - 1, year)
    )
    shares = {
        cell: one.girls_share for cell, one in then.items() if one.girls and cell in now and now[cell].girls
    }
    if shares:
        cell = min(shares, key=lambda cell: (cell.stage not in SCHOOL, shares[cell], cell))
        yield planner.item(cell, Gap.GIRLS, year - 1, then[cell], ago=PLANNED_AGO, due=DUE_SOON)
    begun = sorted(cell for cell in now if cell not in then and now[cell].is_known)
    unknown = sorted(cell for cell, one in then.items() if one.untold and cell in now)
    done = [(cell, Gap.EMPTY) for cell in begun] + [(cell, Gap.UNKNOWN) for cell in unknown]
    for cell, gap in done[:1]:
        settled = {
            "state": PlanState.DONE,
            "settled_at": planner.calendar.ago(DONE_AGO),
            "settled_by": planner.owner,
        }
        figure = then.get(cell, Honest())
        yield planner.item(cell, gap, year - 1, figure, ago=PLANNED_AGO, due=-DUE_BEFORE, **settled)
    running = programmes_by_cell(Programme.objects.of(authority).in_year(year))
    said = {cell.setting for cell, _gap in done[:1]}
    for cell in [cell for cell in PLACES if not running[cell] and cell.setting not in said][:1]:
        yield planner.item(cell, Gap.EMPTY, year, Honest(), ago=NEWLY_AGO, due=DUE_LATER)

"""The workspace of a roundtable: people and their mix, what was said, drafts that grow out of it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from communities.enums import Access
from policy.actions import table as deeds
from policy.actions import version
from policy.enums import Dimension, Gender, SeatAnswer
from policy.models import Contribution, RecommendationVersion, RoundtableSeat, TargetShare, VersionSource
from policy.models.balance import counted, mixes, short
from tests.communities.factories import make_community, make_meeting, make_membership
from tests.members.factories import make_admin, make_member, make_municipality, make_user
from tests.policy.factories import (
    make_bare_recommendation,
    make_contribution,
    make_recommendation,
    make_roundtable,
    make_seat,
    make_source,
    make_version,
)


@pytest.fixture
def convener():
    return make_user(name="Convener")


@pytest.fixture
def table(convener):
    table = make_roundtable(title_en="Who will teach?", is_published=False)
    table.conveners.add(convener)
    return table


@pytest.fixture
def url(table):
    return f"/policy/roundtables/{table.slug}/workspace/"


# The mix -------------------------------------------------------------------------------------------------


def seat(**told):
    empty = dict.fromkeys(("gender", "sector", "district", "language", "role", "answer"), "")
    return RoundtableSeat(**{**empty, "name": "Someone", **told})


def test_those_present_count_else_all_who_did_not_decline():
    invited = [seat(), seat(answer=SeatAnswer.NO), seat(answer=SeatAnswer.YES)]
    assert counted(invited) == ([invited[0], invited[2]], False)
    there = seat(was_present=True)
    assert counted([*invited, there]) == ([there], True)


def test_gap_names_how_many_are_missing_and_leaves_out_whom_nothing_is_known_of():
    seats = [
        *(seat(gender=Gender.MAN) for _one in range(6)),
        seat(gender=Gender.WOMAN),
        seat(),
        seat(),
        seat(),
    ]
    (mix,) = mixes(seats, {(Dimension.GENDER, Gender.WOMAN): 50})
    (share,) = mix.shares
    assert (share.count, share.known, share.percent, share.missing, mix.unknown) == (1, 7, 14, 2, 3)


def test_share_of_nobody_known_is_not_known_and_no_gap():
    (mix,) = mixes([seat(), seat()], {(Dimension.GENDER, Gender.WOMAN): 50})
    assert (mix.shares[0].percent, mix.shares[0].missing, mix.unknown) == (None, 0, 2)


@given(st.integers(1, 100), st.integers(0, 200), st.integers(0, 200))
def test_no_more_are_missing_than_make_up_the_share(percent, known, count):
    missing = short(percent, known, min(count, known))
    assert missing == 0 or 100 * (min(count, known) + missing) <= percent * known


# Deeds ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_seat_takes_sector_and_district_of_its_organisation(table, convener):
    town = make_municipality()
    row = deeds.save_seat(by=convener, roundtable=table, name="Guest", organisation=town)
    assert (row.sector, row.district) == ("municipality", town.authority.district)


@pytest.mark.django_db
def test_person_has_one_seat(table, convener):
    person = make_member()
    row = deeds.save_seat(by=convener, roundtable=table, person=person)
    with pytest.raises(deeds.SeatTaken):
        deeds.save_seat(by=convener, roundtable=table, person=person)
    assert deeds.save_seat(by=convener, roundtable=table, seat=row, person=person, table=2).table == 2


@pytest.mark.django_db
def test_only_who_convenes_and_admins_work_on_it(table):
    for person in (make_user(), make_member()):
        with pytest.raises(version.OutOfTurn):
            deeds.save_seat(by=person, roundtable=table, name="Guest")
        with pytest.raises(version.OutOfTurn):
            deeds.save_contribution(by=person, roundtable=table, text="No", language="en")
    assert deeds.save_seat(by=make_admin(), roundtable=table, name="Guest")


@pytest.mark.django_db
def test_nobody_is_named_without_consent_and_seat(table, convener):
    told = {"by": convener, "roundtable": table, "text": "Labs", "language": "en", "is_named": True}
    assert not deeds.save_contribution(**told).is_named
    assert deeds.save_contribution(**told, seat=make_seat(table)).is_named


@pytest.mark.django_db
def test_contributions_become_part_of_a_draft_and_stay_with_the_next_versions(table, convener):
    draft = make_version(make_bare_recommendation(roundtable=table))
    first, second = make_contribution(table), make_contribution(table)
    stranger = make_contribution()
    assert deeds.gather(by=convener, version=draft, contributions=[first, second, stranger]) == 2
    assert deeds.gather(by=convener, version=draft, contributions=[first]) == 0
    deeds.scatter(by=convener, version=draft, contribution=second)
    version.adopt(by=make_admin(), version=draft)
    following = version.draft_next(by=convener, recommendation=draft.recommendation)
    assert list(following.sources.values_list("contribution", flat=True)) == [first.pk]
    with pytest.raises(version.OutOfTurn):
        deeds.gather(by=convener, version=draft, contributions=[second])


@pytest.mark.django_db
def test_words_that_became_part_of_a_version_stay(table, convener):
    recommendation, said = make_recommendation(roundtable=table), make_contribution(table)
    make_source(recommendation.current_version, said)
    told = {"by": convener, "roundtable": table, "contribution": said, "language": "en"}
    with pytest.raises(deeds.InUse):
        deeds.save_contribution(text="Other words", **told)
    assert deeds.save_contribution(text=said.text, table=3, **told).table == 3
    with pytest.raises(deeds.InUse):
        deeds.remove_contribution(by=convener, contribution=said)
    for deed in (
        lambda: Contribution.objects.filter(pk=said.pk).update(text="Other words"),
        lambda: VersionSource.objects.filter(contribution=said).delete(),
        lambda: VersionSource.objects.create(
            version=recommendation.current_version, contribution=make_contribution(table)
        ),
    ):
        with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
            deed()


# Pages ---------------------------------------------------------------------------------------------------

pages = pytest.mark.usefixtures("english_pages")


@pytest.mark.django_db
@pages
def test_workspace_is_for_who_convenes_it(client, read, table, url, convener):
    assert client.get(url).status_code == 302
    client.force_login(make_member())
    read(url, 404)
    type(table).objects.filter(pk=table.pk).update(is_published=True)
    read(url, 403)
    client.force_login(convener)
    assert "Nobody is invited yet" in read(url)
    assert "Workspace of the roundtable" in read(table.get_absolute_url())


@pytest.mark.django_db
@pages
def test_convener_invites_and_sees_who_is_missing(client, read, url, convener):
    TargetShare.objects.create(dimension=Dimension.GENDER, value=Gender.WOMAN, percent=50)
    client.force_login(convener)
    refused = client.post(f"{url}seats/new/", {"gender": "man"}).content.decode()
    assert "Write a name, or give the profile of the person." in refused
    for name in ("Ruth", "Adam"):
        client.post(
            f"{url}seats/new/", {"name": name, "gender": "man", "was_present": "yes", "next": "another"}
        )
    page = read(url)
    assert "Adam" in page
    assert "one more is missing" in page
    row = RoundtableSeat.objects.get(name="Ruth")
    client.post(f"{url}seats/{row.pk}/", {"name": "Ruth", "gender": "woman", "was_present": "yes"})
    assert "missing" not in read(url)
    client.post(f"{url}seats/{row.pk}/remove/")
    assert "Ruth" not in read(url)


@pytest.mark.django_db
@pages
def test_ancestry_leads_to_the_meeting_for_those_who_may_see_it(client, read, table, url):
    meeting = make_meeting(make_community(access=Access.CLOSED))
    convener = make_membership(community=meeting.community).person
    table.conveners.add(convener)
    client.force_login(convener)
    form = {"text": "Labs in every quarter.", "language": "en", "held_on": "2026-03-01"}
    refused = client.post(f"{url}contributions/new/", {**form, "community_meeting": "/meetings/999999/"})
    assert "No meeting has this address." in refused.content.decode()
    told = {**form, "community_meeting": f"https://portal.example{meeting.get_absolute_url()}"}
    assert client.post(f"{url}contributions/new/", told).status_code == 302
    said = Contribution.objects.get()
    assert said.meeting.community_meeting == meeting
    assert said.meeting.held_on == timezone.localdate(meeting.starts_at)
    again = {"text": "Labs in each quarter.", "language": "en", "held_on": str(said.meeting.held_on)}
    assert client.post(f"{url}contributions/{said.pk}/", again).status_code == 302
    said.refresh_from_db()
    assert said.meeting.community_meeting == meeting
    recommendation = make_recommendation(roundtable=make_roundtable())
    version = recommendation.current_version
    make_source(version, said)
    assert f'href="{meeting.get_absolute_url()}"' in read(version.get_absolute_url())
    client.force_login(make_member())
    page = read(version.get_absolute_url())
    assert "Labs in each quarter." in page
    assert meeting.get_absolute_url() not in page


@pytest.mark.django_db
@pages
def test_from_what_was_said_to_an_adopted_recommendation(client, read, table, url, convener):
    client.force_login(convener)
    form = {"text": "مختبرات في كل حيّ", "language": "ar", "table": "4", "held_on": "2026-03-01"}
    assert client.post(f"{url}contributions/new/", form).status_code == 302
    said = Contribution.objects.get()
    refused = client.post(f"{url}drafts/new/", {"title_he": "", "slug": "מעבדות"}).content.decode()
    assert "Give it a title in Hebrew." in refused
    begun = client.post(f"{url}drafts/new/", {"title_he": "מעבדה בכל שכונה", "slug": "Labs everywhere"})
    edit = reverse("edit_version", args=["labs-everywhere", 1])
    assert begun["Location"] == edit
    draft = RecommendationVersion.objects.get()
    ticked = {"contributions": [said.pk], "version": draft.pk}
    assert "Tick the contributions" in client.post(f"{url}gather/", {"version": draft.pk}).content.decode()
    assert client.post(f"{url}gather/", ticked).status_code == 302
    worded = {"title_he": "מעבדה בכל שכונה", "rationale_he": "כי רחוק.", "edition": "1", "summary_ar": "هنا"}
    assert "Give the translation a title too." in client.post(edit, worded).content.decode()
    worded |= {"title_ar": "مختبر في كل حيّ", "follows_ar": "on"}
    assert client.post(edit, worded).status_code == 302
    stale = client.post(edit, {**worded, "rationale_he": "כי אחר."})
    assert stale.status_code == 409
    assert "כי אחר." in stale.content.decode()
    assert client.get(draft.get_absolute_url() + "adopt/").status_code == 403
    client.force_login(make_admin())
    assert client.post(draft.get_absolute_url() + "adopt/", {"reason": "Decided"}).status_code == 302
    assert client.post(draft.get_absolute_url() + "adopt/", {}).status_code == 302
    type(table).objects.filter(pk=table.pk).update(is_published=True)
    client.logout()
    client.cookies["django_language"] = "en"  # gone with the session
    page = read("/policy/recommendations/labs-everywhere/")
    assert "Version 1 was adopted by the network" in page
    assert "مختبرات في كل حيّ" not in page
    client.force_login(make_member())
    assert "مختبرات في كل حيّ" in read(draft.get_absolute_url())


@pytest.mark.django_db
@pages
def test_version_shows_what_changed_and_an_outdated_translation_says_so(client, read, table, convener):
    type(table).objects.filter(pk=table.pk).update(is_published=True)
    recommendation = make_recommendation(roundtable=table, rationale_he="טעם ראשון")
    second = version.draft_next(by=convener, recommendation=recommendation)
    version.write(
        by=convener, version=second, edition=1, texts={"rationale_he": "טעם אחר"}, life_stages=["service"],
        populations=[], indicators=[],
    )  # fmt: skip
    read(second.get_absolute_url(), 404)
    version.adopt(by=make_admin(), version=RecommendationVersion.objects.get(pk=second.pk))
    page = read(f"{second.get_absolute_url()}changes/?edition=he")
    assert "From version 1 to version 2" in page
    assert "<del>" in page
    assert "אחר" in page
    page = read(recommendation.get_absolute_url())
    assert "This translation follows an earlier Hebrew text." in page
    assert "Version 1 was superseded" in page


@pytest.mark.django_db
@pages
def test_workspace_costs_the_same_for_1_and_30_of_all(client, table, url, convener, count_queries):
    client.force_login(convener)

    def more(count):
        for _one in range(count):
            draft = make_version(make_bare_recommendation(roundtable=table))
            said = make_contribution(table, seat=make_seat(table, person=make_user()))
            make_source(draft, said)

    more(1)
    client.get(url)
    one = count_queries(url)
    more(29)
    assert count_queries(url) == one


@pytest.mark.django_db
@pages
def test_withdrawn_recommendation_says_why(client, read):
    recommendation = make_recommendation()
    url = f"{recommendation.current_version.get_absolute_url()}withdraw/"
    client.force_login(make_admin())
    assert "Write a sentence on why." in client.post(url, {"reason": ""}).content.decode()
    for _twice in range(2):
        assert client.post(url, {"reason": "The law changed"}).status_code == 302
    client.logout()
    client.cookies["django_language"] = "en"  # gone with the session
    page = read(recommendation.get_absolute_url())
    assert "The network withdrew it" in page
    assert "The law changed" in page


@pytest.mark.django_db
@pytest.mark.parametrize("deed", ["adopt", "withdraw", "open"])
def test_step_that_does_not_fit_is_answered_alike_to_look_at_and_to_do(client, settings, deed):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    recommendation = make_recommendation()
    version = make_version(recommendation) if deed == "withdraw" else recommendation.current_version
    state = version.state
    url = f"{version.get_absolute_url()}{deed}/"
    client.force_login(make_admin())
    for answer in (client.get(url), client.post(url)):
        assert (answer.status_code, answer.headers["location"]) == (302, version.get_absolute_url())
    convener = make_member()
    version.recommendation.roundtable.conveners.add(convener)
    client.force_login(convener)
    allowed = 302 if deed == "open" else 403
    assert [client.get(url).status_code, client.post(url).status_code] == [allowed] * 2
    version.refresh_from_db()
    assert version.state == state

"""Questions kept in SQL: everybody is answered as themselves, at the hour at which they ask."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.models import Community, Membership, Topic
from members.models import User
from munistem.commons import ready as module
from munistem.commons.audit.models import AuditEvent
from munistem.commons.ready import MOST, NOBODY, Reader, Text, once, ready, ready_counts, ready_part, together
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import fresh, make_admin, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(module, "_kept", type(module._kept)())


@ready
def communities_of(user):
    return Community.objects.joined_by(user).by_name()


@ready
def people(user):
    return User.objects.visible_to(user).by_name().values_list("pk", flat=True)


@ready
def noted(user):
    return AuditEvent.objects.filter(subject=f"members.user:{user.pk}").order_by("pk")


@ready
def written_in(user, community, word):
    topics = Topic.objects.filter(community=community, title__contains=word)
    return topics.select_related("community").only("title", "community__name").order_by("pk")


@ready
def since(user):
    return User.objects.filter(Q(joined_at__gt=timezone.now() - timedelta(hours=1))).order_by("pk")


@ready
def impatient(user):
    return User.objects.filter(pk__in=list(User.objects.values_list("pk", flat=True)))


@ready
def nobody(user):
    return User.objects.none()


@ready_counts
def numbers_of(user):
    return {"mine": Membership.objects.held_by(user), "none": User.objects.none(), "all": User.objects.all()}


@ready_part
def part_of(user, word):
    return (
        Community.objects.joined_by(user).filter(name__contains=word).by_name().values_list("name", flat=True)
    )


@ready_part
def said(user, word):
    return (Topic, "select %s::text, %s::bigint", [word, user.pk or 0]) if word else (Topic, "", ())


def kept_of(question) -> int:
    """How many ways of asking this one question are kept."""
    return sum(name == question.__qualname__ for _module, name, *_rest in module._kept)


def test_one_after_the_other_is_answered_as_themselves(django_assert_num_queries):
    first, second = make_member(), make_member()
    make_membership(make_community(name="Of the first"), first)
    make_membership(make_community(name="Of the second"), second)
    for _ in range(2):
        with django_assert_num_queries(2):
            assert [row.name for row in communities_of(first)] == ["Of the first"]
            assert [row.name for row in communities_of(second)] == ["Of the second"]
    assert kept_of(communities_of) == 1


def test_who_differs_in_what_they_may_see_has_a_question_of_their_own():
    member, outside, admin = make_member(), make_user(), make_admin()
    quiet = make_user(name="")
    assert quiet.pk in people(fresh(admin))
    assert quiet.pk not in people(fresh(member))
    assert people(fresh(outside)) == [outside.pk]
    assert people(AnonymousUser()) == []
    assert people(fresh(member)) == list(
        User.objects.visible_to(member).by_name().values_list("pk", flat=True)
    )


def test_numbers_inside_words_are_filled_in_too():
    first, second = make_user(), make_user()
    for person in (first, second):
        AuditEvent.objects.create(deed="looked", subject=f"members.user:{person.pk}")
    assert [row.subject for row in noted(first)] == [f"members.user:{first.pk}"]
    assert [row.subject for row in noted(second)] == [f"members.user:{second.pk}"]


def test_further_numbers_are_filled_in_and_words_are_part_of_the_question():
    person = make_user()
    one, other = make_community(name="One"), make_community(name="Other")
    make_topic(one, title="A robot"), make_topic(other, title="A robot"), make_topic(other, title="A garden")
    titles = [[row.title for row in written_in(person, place.pk, "robot")] for place in (one, other)]
    assert titles == [["A robot"], ["A robot"]]
    assert [row.community.name for row in written_in(person, other.pk, "")] == ["Other", "Other"]
    assert kept_of(written_in) == 2


def test_hours_go_on_while_a_question_is_kept(monkeypatch):
    person = make_user()
    assert since(person) == [person]
    later = timezone.now() + timedelta(hours=1, seconds=-10)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert since(person) == [person]
    monkeypatch.setattr("django.utils.timezone.now", lambda: later + timedelta(seconds=30))
    assert since(person) == []


def test_rows_are_never_kept():
    with pytest.raises(RuntimeError, match="may keep no rows"):
        impatient(make_user())
    person = make_member()
    assert communities_of(person) == []
    make_membership(make_community(), person)
    assert len(communities_of(person)) == 1


def test_what_no_row_can_answer_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert nobody(AnonymousUser()) == []


def test_several_things_are_counted_at_once(django_assert_num_queries):
    person = make_member()
    make_membership(make_community(), person)
    with django_assert_num_queries(1):
        counts = numbers_of(person)
    assert counts == {"mine": 1, "none": 0, "all": User.objects.count()}


def test_several_questions_are_asked_at_once(django_assert_num_queries):
    first, second = make_member(), make_member()
    make_membership(make_community(name="Of the first"), first)
    make_membership(make_community(name="Of the second"), second)
    for word in ("first", "100%"):
        for person, name in ((first, "Of the first"), (second, "Of the second")):
            parts = [part_of(person, Text("Of")), said(person, ""), said(person, Text(word))]
            parts.append(once(Topic, "select %s::text", ["2147400001 100%"]))
            with django_assert_num_queries(1):
                found = together(parts, by_index=True)
            assert found == [[name], [], [(word, person.pk)], [("2147400001 100%",)]]
    assert together([said(first, "")]) == [[]]
    assert (kept_of(part_of), kept_of(said)) == (1, 2)


def test_only_so_many_questions_are_kept():
    person = make_user()
    for number in range(MOST + 5):
        written_in(person, 1, f"word {number}")
    assert len(module._kept) == MOST


def test_a_stand_in_tells_nothing_but_its_traits():
    stand_in = Reader.like(make_admin())
    with pytest.raises(AttributeError):
        stand_in.email  # noqa: B018
    with pytest.raises(AttributeError):
        stand_in.mandates  # noqa: B018


def test_behind_a_pooler_nothing_is_planned_ahead(monkeypatch):
    first, second = make_member(), make_member()
    make_membership(make_community(name="Of the second"), second)
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with CaptureQueriesContext(connection) as captured:
        assert communities_of(first) == []
        assert [row.name for row in communities_of(second)] == ["Of the second"]
        assert noted(second) == []
    assert not any("EXECUTE" in query["sql"] for query in captured)


def test_plans_outlive_no_connection():
    person = make_member()
    assert communities_of(person) == []
    module._planned.pop(connection.connection)
    connection.connection.execute("DEALLOCATE ALL")
    assert communities_of(person) == []


@ready
def lately(_reader, deed, start):
    return AuditEvent.objects.filter(deed=deed).order_by("pk")[start : start + 2]


def test_texts_and_beginnings_of_pages_are_filled_in():
    for number in range(5):
        AuditEvent.objects.create(deed="a", subject=f"x:{number}")
    AuditEvent.objects.create(deed="b", subject="y:0")
    asked = [("a", 0), ("a", 4), ("b", 0), ("2147400001", 0)]
    found = [[row.subject for row in lately(NOBODY, Text(deed), start)] for deed, start in asked]
    assert found == [["x:0", "x:1"], ["x:4"], ["y:0"], []]
    assert kept_of(lately) == 1

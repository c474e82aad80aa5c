"""Who may see and do what in the library: rules and querysets compared over one table of persons × situations."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from communities.enums import MembershipState
from knowledge import rules
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision, RevisionFile
from members.models import Representative, User
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.knowledge.factories import make_file, make_item, make_revision
from tests.members.factories import (
    fresh,
    make_admin,
    make_member,
    make_organisation,
    make_representative,
    make_user,
)

pytestmark = pytest.mark.django_db


class World:
    """One community and one organisation with items of every visibility in every state, by one author."""

    def __init__(self):
        self.community = make_community()
        self.organisation = make_organisation()
        self.mandate = make_representative(organisation=self.organisation, is_manager=True)
        self.author = self.mandate.person
        self.items = {
            f"{visibility} {state}": self.make(visibility, state)
            for visibility in Visibility.values
            for state in ("published", "changed", "submitted", "withdrawn")
        }

    def make(self, visibility, state):
        submitted = state == "submitted"
        item = make_item(
            RevisionState.SUBMITTED if submitted else RevisionState.PUBLISHED,
            visibility=visibility,
            community=self.community if visibility == Visibility.COMMUNITY else None,
            organisation=self.organisation,
            created_by=self.author,
            withdrawn=state == "withdrawn",
        )
        make_file(item.current)
        if state == "changed":
            make_file(make_revision(item, RevisionState.SUBMITTED))
        return item


def make_former_manager(world):
    person = make_representative(organisation=world.organisation, is_manager=True).person
    Representative.objects.filter(person=person).update(until_on=timezone.localdate())
    return person


def make_deactivated(world):
    person = make_membership(world.community).person
    User.objects.filter(pk=person.pk).update(is_active=False)
    return person


def make_former_member(world):
    person = make_membership(world.community).person
    Representative.objects.filter(person=person).update(until_on=timezone.localdate())
    return person


PERSONS = {
    "visitor": lambda world: None,
    "registered": lambda world: make_user(),
    "outsider": lambda world: make_member(),
    "manager elsewhere": lambda world: make_member(is_manager=True),
    "colleague": lambda world: make_representative(organisation=world.organisation).person,
    "manager": lambda world: make_representative(organisation=world.organisation, is_manager=True).person,
    "former manager": make_former_manager,
    "invited": lambda world: make_membership(world.community, state=MembershipState.INVITED).person,
    "left": lambda world: make_membership(world.community, state=MembershipState.LEFT).person,
    "former member": make_former_member,
    "member": lambda world: make_membership(world.community).person,
    "deactivated": make_deactivated,
    "facilitator": lambda world: make_facilitator(world.community),
    "facilitator elsewhere": lambda world: make_facilitator(make_community()),
    "author": lambda world: world.author,
    "knowledge manager": lambda world: make_user(is_knowledge_manager=True),
    "admin": lambda world: make_admin(),
}


def test_rules_and_querysets_are_twins():
    world = World()
    for name, make in PERSONS.items():
        person = make(world)
        for model, rule in [
            (Item, rules.can_see_item),
            (Revision, rules.can_see_revision),
            (RevisionFile, rules.can_see_revision_file),
        ]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            reader = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(reader, thing)}
            assert by_query == by_rule, (name, model.__name__)
        waiting = set(Revision.objects.waiting_for(fresh(person)))
        assert waiting == {
            row for row in Revision.objects.all() if rules.can_review_revision(fresh(person), row)
        }, name


SEES = {
    # who: p public, n network, c community – what is published · what is not, or no longer
    "visitor": ("p", ""),
    "registered": ("p", ""),
    "outsider": ("pn", ""),
    "manager elsewhere": ("pn", ""),
    "colleague": ("pn", ""),
    "manager": ("pnc", "pnc"),
    "former manager": ("p", ""),
    "invited": ("pn", ""),
    "left": ("pn", ""),
    "former member": ("p", ""),
    "member": ("pnc", ""),
    "deactivated": ("p", ""),
    "facilitator": ("pnc", ""),
    "facilitator elsewhere": ("pn", ""),
    "author": ("pnc", "pnc"),
    "knowledge manager": ("pnc", "pnc"),
    "admin": ("pnc", "pnc"),
}


def letters(world, seen, *states):
    """Of which visibilities the person sees the items of all these states; all or nothing."""
    found = ""
    for visibility in Visibility.values:
        some = {world.items[f"{visibility} {state}"].pk in seen for state in states}
        assert len(some) == 1, visibility
        found += visibility[0] if some == {True} else ""
    return "".join(sorted(found, key="pnc".index))


def test_what_each_person_sees():
    world = World()
    for who, (published, other) in SEES.items():
        person = fresh(PERSONS[who](world))
        seen = set(Item.objects.visible_to(person).values_list("pk", flat=True))
        assert letters(world, seen, "published", "changed") == published, who
        assert letters(world, seen, "submitted", "withdrawn") == other, who
        waiting = Revision.objects.visible_to(person).filter(state=RevisionState.SUBMITTED)
        assert waiting.count() == 2 * len(other), who
        assert RevisionFile.objects.visible_to(person).count() == 2 * len(published) + 3 * len(other), who


MAY = {
    # who: what they may do with a published item · a change that waits · a withdrawn one
    "visitor": ("", "", ""),
    "registered": ("", "", ""),
    "outsider": ("", "", ""),
    "manager elsewhere": ("add", "add", "add"),
    "colleague": ("", "", ""),
    "manager": ("add edit list withdraw", "add edit list withdraw", "add list restore"),
    "former manager": ("", "", ""),
    "invited": ("", "", ""),
    "left": ("", "", ""),
    "former member": ("", "", ""),
    "member": ("", "", ""),
    "deactivated": ("", "", ""),
    "facilitator": ("add", "add", "add"),
    "facilitator elsewhere": ("add", "add", "add"),
    "author": ("add edit list withdraw", "add edit list withdraw", "add list restore"),
    "knowledge manager": (
        "add curate edit list withdraw",
        "add curate edit list review withdraw",
        "add curate list restore",
    ),
    "admin": (
        "add curate edit list withdraw",
        "add curate edit list review withdraw",
        "add curate list restore",
    ),
}


def deeds_of(user, item):
    latest = item.revisions.latest_first().first()
    may = {
        "add": rules.can_add_item(user),
        "curate": rules.can_curate_tags(user),
        "drop": rules.can_drop_changes(user, latest),
        "edit": rules.can_edit_item(user, item),
        "list": rules.can_see_revisions(user, item),
        "restore": rules.can_restore_item(user, item),
        "review": rules.can_review_revision(user, latest),
        "withdraw": rules.can_withdraw_item(user, item),
    }
    return " ".join(sorted(deed for deed, is_allowed in may.items() if is_allowed))


def test_what_each_person_may_do():
    world = World()
    items = [world.items[f"network {state}"] for state in ("published", "changed", "withdrawn")]
    for who, may in MAY.items():
        person = PERSONS[who](world)
        assert tuple(deeds_of(fresh(person), item) for item in items) == may, who


def test_changes_are_dropped_by_those_who_may_edit_and_not_during_review():
    world = World()
    item = world.items["public changed"]
    revision = item.revisions.get(state=RevisionState.SUBMITTED)
    assert not rules.can_drop_changes(fresh(world.author), revision)
    revision.state = RevisionState.DRAFT
    assert rules.can_drop_changes(fresh(world.author), revision)
    assert not rules.can_drop_changes(fresh(make_member(is_manager=True)), revision)
    first = make_item(RevisionState.DRAFT, created_by=world.author).revisions.get()
    assert not rules.can_drop_changes(fresh(world.author), first)


def test_nobody_reviews_their_own_except_admins():
    for person, may in [
        (make_member(is_manager=True, is_knowledge_manager=True), False),
        (make_admin(), True),
    ]:
        item = make_item(RevisionState.SUBMITTED, created_by=person)
        assert rules.can_review_revision(fresh(person), item.revisions.get()) == may
        changed = make_revision(make_item(), RevisionState.SUBMITTED, created_by=person)
        assert rules.can_review_revision(fresh(person), changed) == may
        assert set(Revision.objects.waiting_for(fresh(person))) == (
            {changed, item.revisions.get()} if may else set()
        )
        Revision.objects.filter(state=RevisionState.SUBMITTED).update(state=RevisionState.DRAFT)


def test_what_a_reviewer_took_out_is_put_back_by_reviewers():
    item = make_item(withdrawn=True)
    author, reviewer = item.created_by, make_user(is_knowledge_manager=True)
    assert rules.can_restore_item(fresh(author), item)
    item.withdrawn_by = reviewer
    assert not rules.can_restore_item(fresh(author), item)
    assert rules.can_restore_item(fresh(reviewer), item)
    assert not rules.can_restore_item(AnonymousUser(), item)


def test_author_who_left_the_organisation_still_sees_and_no_longer_changes():
    world = World()
    Representative.objects.filter(pk=world.mandate.pk).update(until_on=timezone.localdate())
    make_representative(world.author, is_manager=True)
    author, item = fresh(world.author), world.items["network published"]
    assert rules.can_see_item(author, item)
    assert not rules.can_edit_item(author, item)
    assert not rules.can_withdraw_item(author, item)
    own = make_item(created_by=world.author)
    assert rules.can_edit_item(fresh(world.author), own)

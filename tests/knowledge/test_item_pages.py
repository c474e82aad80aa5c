"""An item as its readers see it, its files, and what authors and reviewers do by forms."""

import re

import pytest
from django.utils import timezone

from communities.enums import Access
from knowledge.actions import review, write
from knowledge.enums import RevisionState
from knowledge.models import Item
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FileState, StoredFile
from munistem.commons.notices.models import Notice
from tests.communities.factories import make_community, make_membership, make_minutes
from tests.knowledge.factories import make_file, make_item, make_revision
from tests.members.factories import (
    make_authority,
    make_member,
    make_organisation,
    make_user,
)
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# An item -----------------------------------------------------------------------------------------------


def test_item_shows_everything_that_was_said_of_it(client):
    place = make_authority(name_en="Karmiel")
    item = make_item(
        title="Labs", summary="In short", body="<p>Long</p>", life_stages=["primary"], settings=["formal"], authority=place,
        licence="cc_by_sa", contact="Dana", valid_until=timezone.localdate() - timezone.timedelta(days=1),
        links=["https://www.youtube.com/watch?v=x"], organisation=make_organisation(name_en="Makers"), language="ar",
    )  # fmt: skip
    make_file(item.published, name="plan.txt")
    page = read(client, item.get_absolute_url())
    for words in (
        *(
            "In short",
            "<p>Long</p>",
            "Formal",
            "Karmiel",
            "CC BY-SA",
            "Dana",
            "May be outdated",
            "youtube.com",
        ),
        *("Makers", "plan.txt", 'lang="ar"', "Visible to everyone", 'property="og:description"'),
    ):
        assert words in page, words


def test_what_is_not_public_tells_nothing_to_link_previews(client):
    client.force_login(make_member())
    item = make_item(visibility=Visibility.NETWORK, summary="Canary")
    assert not re.search(r"<meta[^>]*Canary", read(client, item.get_absolute_url()))


def test_closed_community_of_a_public_item_is_not_named(client):
    community = make_community(access=Access.CLOSED, name="Secret circle")
    item = make_item(community=community)
    assert "Secret circle" not in read(client, item.get_absolute_url())
    client.force_login(make_membership(community).person)
    assert "Secret circle" in read(client, item.get_absolute_url())


def test_open_change_and_older_revisions_are_for_keepers(client, author):
    item = make_item(created_by=author, title="Old canary")
    make_revision(item, RevisionState.PUBLISHED, title="Present words")
    make_revision(item, RevisionState.DRAFT, title="New canary")
    page = read(client, item.get_absolute_url())
    for words in ("Present words", "Old canary", "New canary", "Changes were begun"):
        assert words in page
    client.force_login(make_member())
    page = read(client, item.get_absolute_url())
    assert "Present words" in page
    assert "canary" not in page


def test_files_come_in_ranges_and_run_nowhere(client):
    item = make_item()
    address = f"{item.get_absolute_url()}files/{make_file(item.published).file.key}/"
    response = client.get(address)
    assert b"".join(response.streaming_content) == b"words"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Content-Disposition"].startswith("attachment")
    part = client.get(address, headers={"Range": "bytes=1-2"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"or")
    assert client.get(address, headers={"Range": "bytes=50-"}).status_code == 416
    preview = client.get(f"{address}preview/")
    assert (preview["Content-Type"], "sandbox" in preview["Content-Security-Policy"]) == ("image/webp", True)
    list(preview.streaming_content)


def test_file_whose_preview_is_on_its_way_says_so(client):
    item = make_item()
    held = make_file(item.published, state=FileState.WAITING)
    assert "preview in preparation" in read(client, item.get_absolute_url())
    StoredFile.objects.filter(pk=held.file_id).update(state=FileState.READY)
    assert "preview in preparation" not in read(client, item.get_absolute_url())


def test_file_of_an_older_revision_is_for_keepers(client, author):
    item = make_item(created_by=author)
    old = make_file(item.published).file
    make_revision(item, RevisionState.PUBLISHED)
    address = f"{item.get_absolute_url()}files/{old.key}/"
    response = client.get(address)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"words")
    client.force_login(make_member())
    assert client.get(address).url == item.get_absolute_url()


# Deeds by forms ----------------------------------------------------------------------------------------


def test_withdrawing_and_putting_back_by_forms(client, author):
    item = make_item(created_by=author)
    address = item.get_absolute_url()
    assert "errors__title" in client.post(f"{address}withdraw/", {"reason": " "}).content.decode()
    client.post(f"{address}withdraw/", {"reason": "Outdated figures"})
    client.post(f"{address}withdraw/", {"reason": "Twice"})
    page = read(client, address)
    assert "Outdated figures" in page
    assert "Put it back" in page
    client.logout()
    read(client, address, 404)
    client.force_login(author)
    client.post(f"{address}restore/")
    client.post(f"{address}restore/")
    item.refresh_from_db()
    assert item.withdrawn_at is None
    assert Notice.objects.count() == 0


def test_changes_are_dropped_by_a_form(client, author):
    item = make_item(created_by=author)
    make_revision(item, RevisionState.DRAFT)
    for _twice in range(2):
        assert client.post(f"{item.get_absolute_url()}revisions/2/drop/").status_code in {302, 404}
    assert item.revisions.get() == item.published


def test_review_shows_what_changes_and_asks_for_a_reason(client, reviewer):
    item = make_item(title="How to open a lab")
    revision = make_revision(item, RevisionState.SUBMITTED, title="How to run a lab", kind="tool")
    client.force_login(reviewer)
    page = read(client, revision.review_url)
    said = re.findall(r"<(del|ins)><span class=\"visually-hidden\">\w+: </span>(?:<bdi>)?(.*?)</", page)
    assert said == [("del", "open"), ("ins", "run"), ("del", "Guide"), ("ins", "Tool")]
    response = client.post(revision.review_url, {"deed": "return", "reason": "", "seen": revision.marker})
    assert (response.status_code, "nothing is returned without a reason" in response.content.decode()) == (
        200,
        True,
    )
    client.post(revision.review_url, {"deed": "return", "reason": "Costs?", "seen": revision.marker})
    revision.refresh_from_db()
    assert (revision.state, revision.reason) == (RevisionState.RETURNED, "Costs?")
    assert (
        client.post(
            revision.review_url, {"deed": "publish", "all_well": "on", "seen": revision.marker}
        ).status_code
        == 302
    )
    revision.refresh_from_db()
    assert revision.state == RevisionState.RETURNED


def test_review_of_what_changed_meanwhile_is_a_409_that_keeps_the_remarks(client, reviewer):
    item = make_item(RevisionState.SUBMITTED)
    revision = item.revisions.get()
    seen = revision.marker
    write.save_item(by=item.created_by, item=item, content={"title": "Other words"}, seen=seen, submits=True)
    client.force_login(reviewer)
    response = client.post(revision.review_url, {"deed": "return", "reason": "My remarks", "seen": seen})
    page = response.content.decode()
    assert response.status_code == 409
    assert "My remarks" in page
    assert "Other words" in page
    revision.refresh_from_db()
    assert f'value="{revision.marker}"' in page


def test_own_item_is_left_to_another_reviewer(client):
    person = make_member(is_manager=True, is_knowledge_manager=True)
    revision = make_item(RevisionState.SUBMITTED, created_by=person).revisions.get()
    client.force_login(person)
    assert "another knowledge manager decides" in read(client, revision.review_url)
    assert client.post(revision.review_url, {"deed": "publish"}).status_code == 403


def test_from_the_desk_to_the_authors_day(client, author, reviewer, run_jobs, mailoutbox):
    """The way of an item: sent, found on the desk, returned, mended, published; the author hears of each."""
    form = {"title": "A lab in town", "summary": "Twelve labs.", "body": "<p>How</p>", "kind": "guide",
            "language": "en", "visibility": "public", "deed": "submit"}  # fmt: skip
    client.post("/knowledge/new/", form)
    item = Item.objects.get()
    revision = item.revisions.get()
    client.force_login(reviewer)
    assert f'href="{revision.review_url}"' in read(client, "/desk/")
    client.post(revision.review_url, {"deed": "return", "reason": "Name the costs.", "seen": revision.marker})
    assert revision.review_url not in read(client, "/desk/")
    client.force_login(author)
    run_jobs()
    assert "was returned to you with remarks" in mailoutbox[-1].body
    assert "A lab in town" in read(client, "/me/notices/")
    assert "A lab in town" in read(client, "/")
    assert "Name the costs." in read(client, item.get_absolute_url())
    assert not Notice.objects.unread().filter(reader=author).exists()
    again = {**form, "body": "<p>How, and what it costs</p>", "seen": revision.marker}
    client.post(f"{item.get_absolute_url()}edit/", again)
    client.force_login(reviewer)
    revision.refresh_from_db()
    assert "Name the costs." in read(client, revision.review_url)
    client.post(
        revision.review_url, {"deed": "publish", "all_well": "on", "reason": "", "seen": revision.marker}
    )
    run_jobs()
    assert "was published in the library" in mailoutbox[-1].body
    client.logout()
    assert "A lab in town" in read(client, "/search/?q=costs&in=items")
    assert "A lab in town" in read(client, "/knowledge/")


def test_published_by_two_reviewers_at_once_answers_both_kindly(client, reviewer):
    revision = make_item(RevisionState.SUBMITTED).revisions.get()
    review.publish(by=make_user(is_knowledge_manager=True), revision=revision)
    client.force_login(reviewer)
    response = client.post(
        revision.review_url, {"deed": "publish", "all_well": "on", "seen": revision.marker}, follow=True
    )
    assert "decided already" in response.content.decode()


def test_an_insight_of_a_meeting_begins_with_its_minutes(client):
    minutes = make_minutes(state="approved")
    draft = make_minutes()
    client.force_login(minutes.meeting.created_by)
    page = client.get(f"/knowledge/new/?minutes={minutes.pk}").content.decode()
    assert minutes.meeting.title in page
    assert "We talked." in page
    for key in (draft.pk, "abc", "9" * 30):
        assert "We talked." not in client.get(f"/knowledge/new/?minutes={key}").content.decode()
    client.force_login(make_member())
    assert "We talked." not in client.get(f"/knowledge/new/?minutes={minutes.pk}").content.decode()


def test_fields_of_a_kind_stand_on_the_page_in_the_language_of_the_item(client):
    details = {"done": "First\n\nthen", "cost": "A lot", "evidence": "research"}
    item = make_item(
        kind="case_study", details=details, language="en", region="north", year=2023, audience=["leaders"]
    )
    page = read(client, item.get_absolute_url())
    for words in (
        "<dt dir=\"ltr\">What it cost</dt><dd dir=\"ltr\">A lot</dd>",
        "<h2 dir=\"ltr\">What was done</h2>",
        "<p>First</p>",
        "Research that compared with others",
        "Northern District",
        "2023",
        "Mayors and decision makers",
    ):  # fmt: skip
        assert words in page, words
    item = make_item(
        kind="call",
        details={"deadline": "2020-01-02"},
        valid_until=timezone.localdate() - timezone.timedelta(days=1),
    )
    page = read(client, item.get_absolute_url())
    assert "2 January 2020" in page
    assert "The call is over" in page

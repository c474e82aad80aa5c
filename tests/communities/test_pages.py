"""Pages as their readers see them: what is shown, what may be done, what is refused, how many queries it takes."""

from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from communities.actions import post as post_deeds
from communities.actions import topic as deeds
from communities.enums import Access, MembershipState, TopicKind
from communities.models import Community, Helpful, Membership, Post, Topic
from munistem.commons.notices.models import Notice
from munistem.commons.reports.models import Report
from tests.commons.factories import hostile, pdf, uploaded
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.members.factories import make_admin
from tests.visits import count_queries, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.OPEN, name="Municipal labs")


@pytest.fixture
def member(community, client):
    person = make_membership(community).person
    client.force_login(person)
    return person


@pytest.fixture
def topic(community):
    return make_topic(community, title="How to open a lab?")


PAGES = {
    # address: status for visitor, outsider of the network, member, facilitator, admin – in a community by request
    "/communities/": (200, 200, 200, 200, 200),
    "{c}": (200, 200, 200, 200, 200),
    "{c}?kind=question": (200, 200, 200, 200, 200),
    "{c}people/": (302, 403, 200, 200, 200),
    "{c}people/find/?q=p": (302, 403, 200, 200, 403),
    "{c}topics/new/": (302, 403, 200, 200, 403),
    "{c}topics/similar/?q=topic": (200, 200, 200, 200, 200),
    "{c}ask/": (302, 200, 302, 302, 200),
    "{c}edit/": (302, 403, 403, 200, 200),
    "{c}people/{asked}/decline/": (302, 404, 404, 200, 200),
    "{c}people/{author}/remove/": (302, 404, 403, 200, 200),
    "/topics/{t}/": (404, 404, 200, 200, 200),
    "/topics/{t}/files/{f}/": (404, 404, 200, 200, 200),
    "/topics/{t}/files/{f}/preview/": (404, 404, 404, 404, 404),
    "/topics/{t}/files/{hf}/": (404, 404, 404, 200, 200),
    "/topics/{ht}/": (404, 404, 404, 200, 200),
    "/posts/{p}/": (404, 404, 302, 302, 302),
    "/posts/{hp}/": (404, 404, 404, 302, 302),
    "/posts/{p}/edit/": (302, 404, 403, 200, 200),
    "/posts/{p}/history/": (302, 404, 200, 200, 200),
    "/posts/{hp}/history/": (302, 404, 404, 200, 200),
    "/posts/{p}/hide/": (302, 404, 403, 200, 200),
    "/posts/{p}/report/": (302, 404, 200, 200, 200),
}


@pytest.mark.parametrize("place", range(5), ids=["visitor", "outsider", "member", "facilitator", "admin"])
def test_every_page_answers_by_one_table(client, place):
    community = make_community()
    row = make_membership(community)
    topic = make_topic(community, row.person)
    hidden = {"hidden_at": timezone.now(), "hidden_by": row.person, "hidden_reason": "Slip"}
    post, hidden_post = make_post(topic, row.person), make_post(topic, row.person, **hidden)
    hidden_topic = make_topic(community, row.person, **hidden)
    files = [make_attachment(post).file, make_attachment(hidden_post).file]
    for file in files:
        file.blob.save("plan.txt", ContentFile(b"hello"))
    asked = make_membership(community, state=MembershipState.ASKED)
    make = [
        lambda: None,
        make_member,
        lambda: make_membership(community).person,
        lambda: make_facilitator(community),
        make_admin,
    ]
    if person := make[place]():
        client.force_login(person)
    names = {"c": f"/communities/{community.slug}/", "asked": asked.pk, "author": row.pk, "t": topic.pk}
    names |= {
        "ht": hidden_topic.pk,
        "p": post.pk,
        "hp": hidden_post.pk,
        "f": files[0].key,
        "hf": files[1].key,
    }
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


@pytest.mark.parametrize(
    "page", ["", "people/", "people/find/?q=x", "topics/new/", "topics/similar/?q=x", "ask/", "edit/"]
)
def test_closed_community_does_not_exist_for_outsiders(client, page):
    community = make_community(access=Access.CLOSED, name="Canary")
    topic = make_topic(community, title="Canary topic")
    client.force_login(make_member())
    read(client, f"/communities/{community.slug}/{page}", 404)
    read(client, f"/topics/{topic.pk}/", 404)
    assert "Canary" not in read(client, "/communities/")
    open_one = make_community(access=Access.OPEN)
    assert "Canary" not in read(client, f"/communities/{open_one.slug}/topics/similar/?q=canary+topic")


def test_removed_member_loses_every_door(client):
    community = make_community(access=Access.CLOSED)
    topic = make_topic(community)
    row = make_membership(community)
    client.force_login(row.person)
    read(client, f"/topics/{topic.pk}/")
    Membership.objects.filter(pk=row.pk).update(state=MembershipState.REMOVED)
    read(client, f"/topics/{topic.pk}/", 404)
    read(client, f"/communities/{community.slug}/", 404)


def test_list_shows_mine_first_with_news(client, topic, member):
    make_community(access=Access.REQUEST, name="Another one")
    page = read(client, "/communities/")
    assert "Nothing new" in page
    make_post(topic)
    page = read(client, "/communities/")
    assert page.index("Municipal labs") < page.index("Another one")
    assert "one topic with news" in page
    read(client, f"/communities/{topic.community.slug}/")
    assert "Nothing new" in read(client, "/communities/")


def test_community_shows_pinned_first_unread_and_marks(client, community, member):
    quiet = make_topic(community, title="Pinned one", is_pinned=True)
    lively = make_topic(community, title="Lively one")
    deeds.mark_read(by=member, topic=lively, number=1)
    for _ in range(3):
        make_post(lively)
    page = read(client, f"/communities/{community.slug}/")
    assert page.index("Pinned one") < page.index("Lively one")
    assert f"/topics/{lively.pk}/#new" in page
    assert ">3 new<" in page
    assert f'href="/topics/{quiet.pk}/"' in page


def test_kinds_are_filtered(client, community):
    make_topic(community, title="A case", kind=TopicKind.CASE)
    make_topic(community, title="A question")
    page = read(client, f"/communities/{community.slug}/?kind=case")
    assert "A case" in page
    assert "A question" not in page
    assert "A case" in read(client, f"/communities/{community.slug}/?kind=nonsense")


def test_hidden_topics_are_listed_for_facilitators_only(client, community):
    hidden = {"hidden_at": timezone.now(), "hidden_by": make_admin(), "hidden_reason": "Slip"}
    make_topic(community, title="Hidden one", **hidden)
    address = f"/communities/{community.slug}/?kind=hidden"
    assert "Hidden one" not in read(client, address)
    client.force_login(make_facilitator(community))
    assert "Hidden one" in read(client, address)


def test_pages_of_a_list_are_clamped(client, community):
    for _ in range(30):
        make_topic(community)
    for number in ("2", "0", "-1", "999999999999999999999", "x", "٣"):
        read(client, f"/communities/{community.slug}/?page={number}")
    assert 'aria-current="page">2<' in read(client, f"/communities/{community.slug}/?page=200")


def test_door_of_a_community_by_request(client):
    community = make_community(purpose="We plan together.")
    make_topic(community, title="Inner matter")
    facilitator = make_facilitator(community, make_member(name="Leading Person"))
    page = read(client, f"/communities/{community.slug}/")
    assert "We plan together." in page
    assert "How to join" in page
    assert "Inner matter" not in page
    assert "Leading Person" not in page
    client.force_login(make_member())
    page = read(client, f"/communities/{community.slug}/")
    assert "Leading Person" in page
    assert "Ask to join" in page
    assert str(facilitator.uuid) in page


def test_joining_asking_and_leaving_by_forms(client, community):
    person = make_member()
    client.force_login(person)
    client.post(f"/communities/{community.slug}/join/")
    client.post(f"/communities/{community.slug}/join/")
    assert Membership.objects.get().is_active
    client.post(f"/communities/{community.slug}/leave/")
    assert Membership.objects.get().state == MembershipState.LEFT
    closed = make_community()
    client.post(f"/communities/{closed.slug}/ask/", {"note": "Hello\x07\u202e"})
    row = Membership.objects.get(community=closed)
    assert (row.state, row.note) == (MembershipState.ASKED, "Hello")
    client.post(f"/communities/{closed.slug}/ask/withdraw/")
    row.refresh_from_db()
    assert row.state == MembershipState.LEFT


def test_last_facilitator_is_told_what_to_do(client, community):
    client.force_login(make_facilitator(community))
    response = client.post(f"/communities/{community.slug}/leave/", follow=True)
    assert "You are the only facilitator" in response.content.decode()


def test_facilitator_invites_admits_declines_removes(client):
    community = make_community()
    facilitator, guest = make_facilitator(community), make_member(email="guest@example.org")
    asked = [make_membership(community, state=MembershipState.ASKED, note="Please") for _ in range(2)]
    client.force_login(facilitator)
    base = f"/communities/{community.slug}/people/"
    assert "Please" in read(client, base)
    client.post(base, {"email": "GUEST@example.org"})
    assert Membership.objects.get(person=guest).state == MembershipState.INVITED
    response = client.post(base, {"email": "nobody@example.org"})
    assert "Nobody in the network has this address" in response.content.decode()
    client.post(f"{base}{asked[0].pk}/admit/")
    client.post(f"{base}{asked[0].pk}/admit/")
    client.post(f"{base}{asked[1].pk}/decline/", {"reason": ""})
    client.post(f"{base}{asked[1].pk}/decline/", {"reason": "For others"})
    client.post(f"{base}{asked[0].pk}/facilitator/")
    states = dict(Membership.objects.values_list("pk", "state"))
    assert (states[asked[0].pk], states[asked[1].pk]) == (MembershipState.ACTIVE, MembershipState.DECLINED)
    assert Membership.objects.get(pk=asked[0].pk).is_facilitator
    member = make_membership(community)
    client.post(f"{base}{member.pk}/remove/", {"reason": "Gone"})
    member.refresh_from_db()
    assert member.state == MembershipState.REMOVED


def test_invited_person_accepts_or_declines(client):
    for answer, state in [("accept", MembershipState.ACTIVE), ("decline", MembershipState.LEFT)]:
        row = make_membership(make_community(access=Access.CLOSED), state=MembershipState.INVITED)
        client.force_login(row.person)
        assert "You are invited" in read(client, f"/communities/{row.community.slug}/")
        client.post(f"/communities/{row.community.slug}/invitation/", {"answer": answer})
        row.refresh_from_db()
        assert row.state == state


def test_people_are_found_for_mentions(client, community, member):
    dana = make_membership(community, make_member(name="Dana Cohen", role_title="Manager")).person
    make_member(name="Dana Outside")
    make_membership(community, make_member(name="Dana Invited"), state=MembershipState.INVITED)
    answer = client.get(f"/communities/{community.slug}/people/find/?q=@dan").json()
    assert answer == [{"value": dana.name, "label": dana.name, "hint": "Manager"}]
    assert client.get(f"/communities/{community.slug}/people/find/?q=").json() == []


def test_facilitator_changes_the_community(client, community):
    client.force_login(make_facilitator(community))
    form = {"name": "New labs", "purpose": "Better", "access": "request", "language": "ar"}
    client.post(f"/communities/{community.slug}/edit/", form)
    community.refresh_from_db()
    assert (community.name, community.access, community.language) == ("New labs", "request", "ar")


def test_topic_is_opened_by_a_form_sent_twice(client, community, member):
    form = {"kind": "question", "title": "A lab", "body": "<p>Who?</p><script>x</script>", "nonce": uuid4()}
    address = f"/communities/{community.slug}/topics/new/"
    assert "Visible to everyone" in read(client, address)
    first = client.post(address, {**form, "files": [uploaded("plan.pdf", pdf())]})
    second = client.post(address, form)
    topic = Topic.objects.get()
    assert first.url == second.url == f"/topics/{topic.pk}/"
    assert topic.posts.get().body == "<p>Who?</p>"
    page = read(client, f"/topics/{topic.pk}/")
    assert "plan.pdf" in page


def test_plain_text_and_missing_nonce_are_taken(client, community, member):
    client.post(
        f"/communities/{community.slug}/topics/new/",
        {"kind": "help", "title": "A lab", "body": "One\n\nTwo", "nonce": "x"},
    )
    assert Post.objects.get().body == "<p>One</p><p>Two</p>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x"),
        ("title", "x" * 151),
        ("title", "\u202e\u200b"),
        ("kind", "nonsense"),
        ("kind", "announcement"),
        ("body", ""),
        ("body", "<p> </p><p>&nbsp;</p>"),
        ("body", "<p>" + "x" * 50_001),
    ],
)
def test_bad_topic_gets_a_message_and_keeps_the_rest(client, community, member, field, value):
    form = {"kind": "question", "title": "My kept title", "body": "<p>My kept body</p>", field: value}
    response = client.post(f"/communities/{community.slug}/topics/new/", form)
    assert response.status_code == 200
    assert not Topic.objects.exists()
    page = response.content.decode()
    assert 'role="alert"' in page
    assert ("My kept title" if field != "title" else "My kept body") in page


@pytest.mark.parametrize("name", ["page.html", "program.pdf", "macros.docx"])
def test_hostile_file_is_refused_and_text_kept(client, topic, member, name):
    form = {"body": "<p>My kept body</p>", "files": [uploaded(name, hostile()[name])]}
    response = client.post(f"/topics/{topic.pk}/", form)
    assert response.status_code == 200
    assert "My kept body" in response.content.decode()
    assert topic.posts.count() == 1


def test_facilitator_announces(client, community):
    client.force_login(make_facilitator(community))
    form = {"kind": "announcement", "title": "We meet", "body": "<p>On Tuesday</p>"}
    client.post(f"/communities/{community.slug}/topics/new/", form)
    assert Topic.objects.get().kind == TopicKind.ANNOUNCEMENT


def test_similar_topics_are_a_fragment(client, community, member):
    make_topic(community, title="Girls in the robotics league")
    page = read(client, f"/communities/{community.slug}/topics/similar/?q=robotics+for+girls")
    assert "Girls in the robotics league" in page
    assert "<html" not in page
    assert read(client, f"/communities/{community.slug}/topics/similar/?q=zebra").strip() == ""
    read(client, f"/communities/{community.slug}/topics/similar/?q=%27%29%20%7C%20x")


def test_reply_leads_to_its_place_on_the_last_page(client, topic, member):
    for _ in range(19):
        make_post(topic)
    response = client.post(f"/topics/{topic.pk}/", {"body": "<p>The 21st</p>", "nonce": uuid4()})
    assert response.url == f"/topics/{topic.pk}/?page=2#post-21"
    assert "The 21st" in read(client, f"/topics/{topic.pk}/?page=2")
    post = topic.posts.get(number=21)
    assert client.get(f"/posts/{post.pk}/").url == response.url


def test_visitor_reads_an_open_topic_without_doors_that_are_shut(client, topic):
    make_post(topic, body=f'<p>Thanks <a href="/people/{uuid4()}/">@Dana</a></p>')
    page = read(client, f"/topics/{topic.pk}/")
    assert "/people/" not in page
    assert "@Dana" in page
    assert "Sign in to answer" in page
    assert "<textarea" not in page
    assert client.post(f"/topics/{topic.pk}/", {"body": "<p>x</p>"}).status_code == 403


def test_public_topic_shares_its_words_and_others_do_not(client, topic):
    assert 'property="og:description"' in read(client, f"/topics/{topic.pk}/")
    inner = make_topic()
    client.force_login(inner.author)
    assert 'property="og:description"' not in read(client, f"/topics/{inner.pk}/")


def test_what_is_new_is_divided_from_what_was_read(client, topic, member):
    assert 'id="new"' not in read(client, f"/topics/{topic.pk}/")
    make_post(topic)
    make_post(topic)
    page = read(client, f"/topics/{topic.pk}/")
    assert page.index('id="post-1"') < page.index('id="new"') < page.index('id="post-2"')
    assert 'id="new"' not in read(client, f"/topics/{topic.pk}/")


def test_bell_is_put_away_by_reading(client, topic, member):
    deeds.reply(by=make_membership(topic.community).person, topic=topic, body=f"<p>@{member.name}</p>")
    assert Notice.objects.unread().filter(reader=member).count() == 1
    read(client, f"/topics/{topic.pk}/")
    assert not Notice.objects.unread().filter(reader=member)


def test_accepted_answer_stands_on_top_with_a_link(client, topic):
    for number in range(24):
        make_post(topic, body=f"<p>Answer {number + 2}.</p>")
    client.force_login(topic.author)
    best = topic.posts.get(number=23)
    client.post(f"/posts/{best.pk}/accept/")
    page = read(client, f"/topics/{topic.pk}/")
    assert page.index("Answer 23.") < page.index("Answer 2.")
    assert f'href="/posts/{best.pk}/"' in page
    assert read(client, f"/topics/{topic.pk}/?page=2").count("Answer 23.") == 1
    client.post(f"/topics/{topic.pk}/unaccept/")
    assert "Answer 23." not in read(client, f"/topics/{topic.pk}/")


def test_hidden_post_leaves_a_gap(client, topic):
    hidden = {"hidden_at": timezone.now(), "hidden_by": topic.author, "hidden_reason": "Names"}
    post = make_post(topic, body="<p>Canary</p>", **hidden)
    make_post(topic)
    page = read(client, f"/topics/{topic.pk}/")
    assert "This post was hidden by a facilitator." in page
    assert "Canary" not in page
    assert "Names" not in page
    client.force_login(post.author)
    page = read(client, f"/topics/{topic.pk}/")
    assert "Canary" in page
    assert "Names" in page


def test_hidden_topic_explains_itself_to_its_author(client, topic):
    client.force_login(make_facilitator(topic.community))
    opening = topic.posts.get()
    client.post(f"/posts/{opening.pk}/hide/", {"reason": "Advertising"})
    client.force_login(topic.author)
    page = read(client, f"/topics/{topic.pk}/")
    assert "only its author and the facilitators see it" in page
    assert "Advertising" in page
    assert "<textarea" not in page


def test_locked_topic_explains_itself(client, topic, member):
    facilitator = make_facilitator(topic.community)
    client.force_login(facilitator)
    client.post(f"/topics/{topic.pk}/lock/")
    client.post(f"/topics/{topic.pk}/pin/")
    topic.refresh_from_db()
    assert topic.locked_by == facilitator
    assert topic.is_pinned
    client.force_login(member)
    page = read(client, f"/topics/{topic.pk}/")
    assert "closed for answers" in page
    assert "<textarea" not in page
    assert client.post(f"/topics/{topic.pk}/lock/", {"off": 1}).status_code == 403
    client.force_login(facilitator)
    client.post(f"/topics/{topic.pk}/lock/", {"off": 1})
    client.post(f"/topics/{topic.pk}/pin/", {"off": 1})
    topic.refresh_from_db()
    assert (topic.locked_at, topic.is_pinned) == (None, False)


def test_edit_shows_its_history(client, topic):
    post = topic.posts.get()
    client.force_login(topic.author)
    page = read(client, f"/posts/{post.pk}/edit/")
    assert "What worked with you?" in page
    form = {"title": "How to run a lab?", "body": "<p>What failed with you?</p>", "seen": ""}
    assert client.post(f"/posts/{post.pk}/edit/", form).status_code == 302
    page = read(client, f"/posts/{post.pk}/history/")
    assert "<del>worked</del>" in page
    assert "<ins>failed</ins>" in page
    assert "<del>open</del>" in page


def test_stale_edit_is_a_409_that_keeps_the_text(client, topic):
    post = topic.posts.get()
    client.force_login(topic.author)
    post_deeds.edit_post(by=topic.author, post=post, body="<p>Meanwhile</p>")
    form = {"title": "Mine", "body": "<p>My text</p>", "seen": ""}
    response = client.post(f"/posts/{post.pk}/edit/", form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "My text" in page
    assert "Meanwhile" in page
    seen = Post.objects.get().edited_at.isoformat()
    assert seen in page
    assert client.post(f"/posts/{post.pk}/edit/", {**form, "seen": seen}).status_code == 302
    assert client.post(f"/posts/{post.pk}/edit/", {**form, "seen": "2026-99-99T99:99"}).status_code == 409


def test_helpful_report_and_moderation_by_forms(client, topic, member):
    post = topic.posts.get()
    client.post(f"/posts/{post.pk}/helpful/")
    assert Helpful.objects.get().person == member
    client.post(f"/posts/{post.pk}/helpful/", {"off": 1})
    assert not Helpful.objects.exists()
    client.post(f"/posts/{post.pk}/report/", {"why": "hurtful", "note": "Look"})
    assert Report.objects.get().reporter == member
    assert "Reported" not in read(client, f"/topics/{topic.pk}/")
    client.force_login(make_facilitator(topic.community))
    page = read(client, f"/topics/{topic.pk}/")
    assert "Reported" in page
    assert "Look" in page
    client.post(f"/posts/{post.pk}/reports/close/")
    assert "Reported" not in read(client, f"/topics/{topic.pk}/")


@pytest.mark.parametrize("deed", ["helpful", "accept", "hide", "show", "report", "reports/close", "edit"])
def test_outsiders_do_nothing_to_posts_of_others(client, deed):
    post = make_topic().posts.get()
    client.force_login(make_member())
    assert client.post(f"/posts/{post.pk}/{deed}/", {"reason": "x", "why": "other"}).status_code == 404
    open_post = make_topic(make_community(access=Access.OPEN)).posts.get()
    client.force_login(make_user())
    if deed != "report":
        assert client.post(f"/posts/{open_post.pk}/{deed}/", {"reason": "x"}).status_code == 403
    open_post.refresh_from_db()
    assert (open_post.helpful_count, open_post.hidden_at, open_post.edited_at) == (0, None, None)


def test_file_is_served_to_readers_as_a_download(client, topic):
    file = make_attachment(topic.posts.get()).file
    file.blob.save("plan.txt", ContentFile(b"hello"))
    response = client.get(f"/topics/{topic.pk}/files/{file.key}/")
    assert b"".join(response.streaming_content) == b"hello"
    assert response["X-Content-Type-Options"] == "nosniff"
    other = make_topic(topic.community)
    read(client, f"/topics/{other.pk}/files/{file.key}/", 404)


@pytest.mark.parametrize(
    "address", ["/topics/0/", "/topics/99999999999999999999/", "/posts/x/", "/communities/%00/"]
)
def test_odd_addresses_are_not_found(client, address):
    assert client.get(address).status_code in {400, 404}


@pytest.mark.parametrize("who", ["visitor", "member", "facilitator"])
def test_lists_and_topics_take_the_same_few_queries_for_1_and_for_30(client, community, who):
    most = {"visitor": 4, "member": 8, "facilitator": 9}[who]
    if who != "visitor":
        make = (
            make_facilitator if who == "facilitator" else lambda community: make_membership(community).person
        )
        client.force_login(make(community))
    topic = make_topic(community)
    make_attachment(topic.posts.get())
    make_community()
    addresses = {
        f"/communities/{community.slug}/": most,
        f"/communities/{community.slug}/?kind=question": most + 1,
        f"/topics/{topic.pk}/": most,
        "/communities/": {"visitor": 6}.get(who, 11),  # of members also what they proposed
    }
    if who != "visitor":
        addresses[f"/communities/{community.slug}/people/"] = 11
    before = {address: count_queries(client, address) for address in addresses}
    for _ in range(25):
        make_topic(community)
        make_attachment(make_post(topic))
        make_community(access=Access.REQUEST)
        make_membership(community, state=MembershipState.ASKED)
    after = {address: count_queries(client, address) for address in addresses}
    assert after == before
    assert {address: count for address, count in after.items() if count > addresses[address]} == {}


def test_posting_is_limited(client, topic, member):
    from munistem.commons.guards import limits

    for _ in range(60):
        limits.count_hit(f"post:user{member.pk}", 3600, 60)
    response = client.post(f"/topics/{topic.pk}/", {"body": "<p>One too many</p>"})
    assert response.status_code == 429
    assert topic.posts.count() == 1


def test_admin_opens_changes_and_archives_communities(client):
    client.force_login(make_admin())
    form = {"name": "Labs", "slug": "", "purpose": "To share", "access": "open", "language": "he"}
    empty = {
        f"memberships-{name}": "0"
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    person = make_member()
    response = client.post(
        "/admin/communities/community/add/", {**form, **empty, "facilitators": [person.pk]}
    )
    assert response.status_code == 302
    community = Community.objects.get()
    assert community.memberships.get().is_facilitator
    counted = {**empty, "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    counted |= {"memberships-0-id": community.memberships.get().pk, "memberships-0-community": community.pk}
    changed = {**form, **counted, "name": "Better labs", "slug": "labs"}
    client.post(f"/admin/communities/community/{community.pk}/change/", changed)
    community.refresh_from_db()
    assert community.name == "Better labs"
    client.post("/admin/communities/community/", {"action": "archive", "_selected_action": [community.pk]})
    community.refresh_from_db()
    assert community.archived_at
    topic = make_topic(community)
    for address in ("community/", "membership/", "topic/", f"topic/{topic.pk}/change/"):
        assert client.get(f"/admin/communities/{address}").status_code == 200


def test_facilitator_hands_over_on_the_people_page(client, community):
    leaving = make_facilitator(community, make_member(name="Leaving Person"))
    heir = make_membership(community, make_member(name="Heir"))
    client.force_login(leaving)
    own = Membership.objects.get(person=leaving)
    assert "Lay facilitation down" not in read(client, f"{community.get_absolute_url()}people/")
    for _ in range(2):  # two clicks are one deed
        url = f"{community.get_absolute_url()}people/{heir.pk}/facilitator/"
        assert client.post(url).status_code == 302
    assert "Lay facilitation down" in read(client, f"{community.get_absolute_url()}people/")
    for _ in range(2):
        url = f"{community.get_absolute_url()}people/{own.pk}/facilitator/end/"
        assert client.post(url).status_code == 302
    assert list(community.memberships.facilitators().values_list("person__name", flat=True)) == ["Heir"]
    url = f"{community.get_absolute_url()}people/{heir.pk}/facilitator/end/"
    assert client.post(url).status_code == 403

"""To the library by mail: a draft of the sender, with text, links and files; answered with its address."""

import pytest

from knowledge.actions.bymail import address_for, title_of
from knowledge.enums import ItemKind, RevisionState
from knowledge.models import Item, LinkCard
from munistem.commons.enums import Visibility
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.models import IncomingMail
from munistem.commons.mail.receiving import receive
from tests.commons.factories import pdf, written
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_user
from tests.visits import read, signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def manager():
    return make_member(is_manager=True, language="en")


@pytest.fixture
def mail(run_jobs):
    """``mail(sender, text, …)``: sent to the address of the library that is the sender's own, and taken."""

    def mail_(sender, text="Our lab.", subject="A lab for girls", to="", files=(), **headers):
        message = written(sender, to or address_for(sender), text, subject, **headers)
        for name, content in files:
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        receive(message.as_bytes(), message["To"])
        run_jobs()
        return IncomingMail.objects.latest("pk")

    return mail_


def test_a_mail_becomes_a_draft_with_its_files_and_links(mail, manager):
    mail(
        manager,
        "This guide tells step by step how we did it.\n\nSee https://example.org/film. It is a guide.",
        "Re: Fwd: A lab for girls",
        files=[("plan.pdf", pdf())],
    )
    item = Item.objects.get()
    revision = item.revisions.get()
    assert (revision.title, revision.state) == ("A lab for girls", RevisionState.DRAFT)
    assert (revision.kind, revision.language, revision.visibility) == (
        ItemKind.GUIDE,
        "en",
        Visibility.NETWORK,
    )
    assert "<p>This guide tells" in revision.body
    assert [held.file.name for held in revision.files.all()] == ["plan.pdf"]
    assert [link.url for link in revision.links.all()] == ["https://example.org/film"]
    assert LinkCard.objects.get().item == item
    assert (item.created_by, item.organisation) == (manager, manager.acting_for)
    assert visitor().get(item.get_absolute_url()).status_code == 404


def test_the_answer_says_where_the_draft_is(mail, manager, mailoutbox):
    mail(manager, files=[("plan.exe", b"MZ" * 20)])
    sent = mailoutbox[-1]
    assert sent.subject == "A draft was made of your mail"
    text = str(sent.body)
    for words in (
        "A draft “",
        Item.objects.get().get_absolute_url(),
        "plan.exe",
        "Not all that came with it could be kept",
    ):
        assert words in text


def test_a_mail_counts_once(mail, manager):
    for _ in range(2):
        mail(manager, number="<same@member.example>")
    assert Item.objects.count() == 1


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_nothing_of_a_mail_is_run(mail, manager, text):
    mail(manager, text, subject=text)
    page = read(signed_in(manager), Item.objects.get().get_absolute_url())
    assert "<script>alert" not in page and "<img src=x" not in page


def test_an_empty_mail_is_answered(mail, manager, mailoutbox):
    mail(manager, "", "A lab")
    assert not Item.objects.exists()
    assert "We found neither text nor files" in mailoutbox[-1].body


def test_who_may_not_add_items_has_no_address_and_an_old_one_is_answered(mail, mailoutbox):
    member = make_member(language="en")
    assert address_for(member) == ""
    mail(member, to=address_of("library", member.pk, member.pk))
    assert not Item.objects.exists()
    assert "You cannot add to the library any more" in mailoutbox[-1].body


def test_the_address_of_another_makes_nothing(mail, manager):
    other = make_member(is_manager=True, language="en")
    mail(other, to=address_for(manager))
    mail(make_user(email="stranger@else.example", is_active=False), to=address_for(manager))
    assert not Item.objects.exists()


def test_so_many_mails_and_no_more(mail, manager, monkeypatch):
    monkeypatch.setattr("knowledge.actions.bymail.MOST_MAILS", 1)
    mail(manager, number="<1@x>")
    mail(manager, number="<2@x>")
    assert Item.objects.count() == 1


def test_title_without_a_subject_is_the_first_line_or_the_file(manager):
    class Mail:
        subject, text = "Re:", "What we did\nand more"

    class File:
        name = "Plan for girls.pdf"

    assert title_of(Mail, []) == "What we did"
    Mail.text = ""
    assert title_of(Mail, [File]) == "Plan for girls"
    assert title_of(Mail, []) == "Sent by mail"


def test_the_address_is_shown_to_those_who_may(manager, client):
    client.force_login(manager)
    assert address_for(manager) in read(client, "/knowledge/new/")
    make_item()
    assert "mailto:" not in read(visitor(), "/knowledge/")

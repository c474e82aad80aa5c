"""A large file on a poor line: it breaks off, goes on by itself, survives a reload, and goes along with the form."""

import time

import pytest
from playwright.sync_api import expect

from knowledge.models import RevisionFile
from munistem.commons.files.resumable.models import Upload
from tests.commons.factories import docx, pdf
from tests.members.factories import make_member, make_organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.console_errors]
MEGABYTE = 1024 * 1024


def large_pdf() -> bytes:
    """An honest PDF of five megabytes: three pieces."""
    return pdf().replace(b"%PDF-1.4\n", b"%PDF-1.4\n%" + b"x" * (5 * MEGABYTE) + b"\n", 1)


def wait_until(page, holds, seconds=60):
    """Let the page go on with its work until something holds in the database."""
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "it did not come to pass in time"
        page.wait_for_timeout(100)


def test_upload_is_interrupted_goes_on_and_survives_a_reload(journey, login):
    page, language = journey
    manager = make_member(language=language, is_manager=True, organisation=make_organisation())
    login(page, manager)
    page.goto("/knowledge/new/")
    broken, whole = [0], large_pdf()

    def cut_off(route):
        is_later = route.request.headers.get("upload-offset", "0") != "0"
        if route.request.method == "PATCH" and is_later and broken[0] < 2:
            broken[0] += 1
            return route.abort("connectionreset")
        return route.continue_()

    page.route("**/files/uploads/*/", cut_off)
    page.locator("input[name=title]").fill("מסמך גדול")
    page.locator("input[name=kind]").first.check()
    page.locator("input[name=files]").set_input_files(
        {"name": "large.pdf", "mimeType": "application/pdf", "buffer": whole}
    )
    row = page.locator(".drop__list li").filter(has_text="large.pdf")
    expect(row).to_have_count(1)
    # by itself, after the breaks
    expect(page.locator("input[name=files-sent]")).to_have_count(1, timeout=90_000)
    assert broken == [2]

    page.reload()  # what arrived is still there, and what was written
    expect(page.locator("input[name=files-sent]")).to_have_count(1)
    expect(page.locator("input[name=title]")).to_have_value("מסמך גדול")
    page.locator("button[name=deed][value=draft]").click()
    page.wait_for_url("**/knowledge/*/", wait_until="load")
    expect(page.get_by_role("heading", level=1)).to_have_text("מסמך גדול")
    held = RevisionFile.objects.select_related("file").get()
    assert (held.file.name, held.file.size) == ("large.pdf", len(whole))


def test_half_a_file_goes_on_after_a_reload_once_it_is_chosen_again(device, login):
    manager = make_member(language="he", is_manager=True, organisation=make_organisation())
    page = login(device("he"), manager)
    page.goto("/knowledge/new/")
    chosen = {"name": "large.pdf", "mimeType": "application/pdf", "buffer": large_pdf()}
    is_down, begun = [True], []

    def line(route):
        if route.request.method == "PATCH":
            begun.append(route.request.headers["upload-offset"])
            if is_down[0] and begun[-1] != "0":
                return route.abort("internetdisconnected")
        return route.continue_()

    page.route("**/files/uploads/*/", line)
    row = page.locator(".drop__list li")
    with page.expect_event("requestfailed"):  # the first piece has arrived, the second does not
        page.locator("input[name=files]").set_input_files(chosen)
    page.reload()
    expect(row).to_have_count(1)
    expect(page.locator("input[name=files-sent]")).to_have_count(0)
    is_down[0], begun[:] = False, []
    page.locator("input[name=files]").set_input_files(chosen)
    expect(page.locator("input[name=files-sent]")).to_have_count(1, timeout=90_000)
    assert begun[0] == str(2 * MEGABYTE), "the first piece did not travel again"
    expect(row).to_have_count(1)
    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    wait_until(page, lambda: not Upload.objects.exists())


def test_an_item_begins_with_a_file_and_what_was_found_in_it(device, login, run_jobs, axe):
    manager = make_member(language="he", is_manager=True, organisation=make_organisation())
    page = login(device("he"), manager)
    page.goto("/knowledge/new/")
    text = "מדריך לרכזי מדעים ביסודי. מדריך צעד אחר צעד לפתיחת חוג מדעים בבית ספר יסודי, עם רשימת ציוד ולוח זמנים לשנה."
    page.locator("input[name=sources]").set_input_files(
        {"name": "scan 7.docx", "mimeType": "application/zip", "buffer": docx(text)}
    )
    expect(page.locator("input[name=sources-sent]")).to_have_count(1)
    axe(page)
    page.locator("form[action='/knowledge/new/start/'] .form__actions button").click()
    page.wait_for_url("**/knowledge/new/*-*/")
    expect(page.locator("section[data-wait]")).to_be_visible()
    axe(page)
    run_jobs()
    expect(page.locator("input[name=title]")).to_have_value("מדריך לרכזי מדעים ביסודי", timeout=60_000)
    expect(page.locator("input[name=kind][value=guide]")).to_be_checked()
    expect(page.locator("input[name=life_stages][value=primary]")).to_be_checked()
    axe(page)
    marks = page.locator("[data-proposal]").count()
    page.locator("input[name=title]").fill("חוג מדעים ביסודי")
    expect(page.locator("[data-proposal]")).to_have_count(marks - 1)
    page.locator("button[name=deed][value=draft]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("חוג מדעים ביסודי")
    assert RevisionFile.objects.select_related("file").get().file.name == "scan 7.docx"

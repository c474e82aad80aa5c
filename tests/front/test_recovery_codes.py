"""Recovery codes: the database knows hashes alone, each opens once, and a try costs the same whatever was written."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import hashers
from django.test import Client

from munistem.commons.guards import codes
from munistem.commons.guards.codes import HashedCodes, hash_seeds
from tests.members.factories import PASSWORD, make_admin, make_member
from tests.moments import at_once

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
PAGE = "/accounts/2fa/recovery-codes/"
SEED = "5eed" * 20


@pytest.fixture
def person():
    person = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, SECRET)
    return person


@pytest.fixture
def inside(client, person):
    """The person's browser, after both steps."""
    knock(client, person)
    client.post("/accounts/2fa/authenticate/", {"code": number_of_the_app()})
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def knock(browser, person):
    return browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})


def number_of_the_app() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def opens(person, code: str) -> bool:
    """Whether the code lets somebody in who knows the password, in a browser of its own."""
    browser = Client()
    knock(browser, person)
    return browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302


def shown(page) -> list[str]:
    return re.findall(r"<code>([\d-]+)</code>", page.content.decode())


def row_of(person) -> Authenticator:
    return Authenticator.objects.get(user=person, type="recovery_codes")


def row_from_seed(person, used_mask: int = 0, **data) -> tuple[Authenticator, list[str]]:
    """As codes were kept by the release before, and the codes themselves."""
    row = Authenticator.objects.create(
        user=person, type="recovery_codes", data={"seed": SEED, "used_mask": used_mask} | data
    )
    return row, RecoveryCodes.__mro__[1].generate_codes(HashedCodes(row))


def make_codes(inside) -> list[str]:
    inside.post(f"{PAGE}generate/")
    return shown(inside.get(PAGE))


def test_allauth_uses_hashed_codes_everywhere(person):
    assert RecoveryCodes is HashedCodes
    row, _made = row_from_seed(person)
    assert type(row.wrap()) is HashedCodes


def test_database_knows_no_code_and_no_two_hashes_share_a_salt(inside, person):
    made = make_codes(inside)
    assert len(set(made)) == 10
    assert all(re.fullmatch(r"\d{4}-\d{4}-\d{4}", code) for code in made)
    data = row_of(person).data
    kept = json.dumps(data)
    for code in made:
        assert code not in kept and code.replace("-", "") not in kept
    assert "seed" not in data
    salts = {hashers.identify_hasher(one).decode(one)["salt"] for one in data["migrated_codes"]}
    assert len(salts) == 10


def test_codes_are_hashed_as_passwords_are(person, settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # as in production
    wrapper = HashedCodes.activate(person)
    wrapper.mark_as_viewed()
    assert all(one.startswith("argon2$argon2id$") for one in wrapper.instance.data["migrated_codes"])


def test_no_code_exists_before_its_page_is_shown(inside, person):
    inside.post(f"{PAGE}generate/")
    assert row_of(person).data == {"migrated_codes": []}
    assert "10 unused codes" in inside.get("/accounts/2fa/?lang=en").content.decode()
    assert len(shown(inside.get(PAGE))) == 10
    assert shown(inside.get(PAGE)) == []


def test_code_opens_once_and_is_counted(inside, person):
    made = make_codes(inside)
    assert opens(person, made[3])
    assert not opens(person, made[3])
    assert opens(person, made[4].replace("-", " "))
    assert "8 unused codes" in inside.get("/accounts/2fa/?lang=en").content.decode()
    assert "8 unused codes" in inside.get(f"{PAGE}?lang=en").content.decode()
    assert "8" not in shown(inside.get(PAGE))


def test_new_codes_end_the_old_ones(inside, person):
    old = make_codes(inside)
    new = make_codes(inside)
    assert not opens(person, old[0])
    assert opens(person, new[0])


def test_lists_are_not_made_without_end(inside, person):
    make_codes(inside)
    for _more in range(codes.MOST - 1):
        inside.post(f"{PAGE}generate/")
    refused = inside.post(f"{PAGE}generate/?lang=en")
    assert "That was very much within an hour." in refused.content.decode()
    assert len(shown(inside.get(PAGE))) == 10  # the list before it stays


def test_code_of_one_opens_nothing_for_another(inside, person):
    made = make_codes(inside)
    other = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    TOTP.activate(other, SECRET)
    HashedCodes.activate(other).mark_as_viewed()
    assert not opens(other, made[0])
    assert opens(person, made[0])


@pytest.mark.parametrize("written", ["wrong", "used", "right"])
def test_a_try_costs_one_hash(person, monkeypatch, written):
    wrapper = HashedCodes.activate(person)
    wrapper.mark_as_viewed()
    used, right = wrapper.made[:2]
    wrapper.validate_code(used)
    made = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *told: made.append(told) or encode(*told))
    wrong = f"{right[:-1]}{(int(right[-1]) + 1) % 10}"
    assert wrapper.validate_code({"wrong": wrong, "used": used, "right": right}[written]) is (
        written == "right"
    )
    assert len(made) == 1


@pytest.mark.parametrize(
    "written", ["123456", "", "abc", "١٢٣٤٥٦٧٨٩٠١٢", "x" * 5_000, "1" * 4_000, "-", "****"]
)
def test_what_is_no_code_costs_no_hash(person, monkeypatch, written):
    wrapper = HashedCodes.activate(person)
    wrapper.mark_as_viewed()
    monkeypatch.setattr(codes, "check_password", None)
    assert wrapper.validate_code(written) is False


def test_sixth_try_is_refused_even_if_it_is_right(inside, person):
    made = make_codes(inside)
    browser = Client()
    knock(browser, person)
    for last in range(5):
        browser.post("/accounts/2fa/authenticate/", {"code": f"00000000000{last}"})
    assert browser.post("/accounts/2fa/authenticate/", {"code": made[0]}).status_code == 200
    assert len(row_of(person).wrap().get_unused_codes()) == 10


def test_codes_from_a_seed_go_on_and_the_seed_is_forgotten(person):
    row, old = row_from_seed(person, used_mask=0b1, viewed_at=1.0)
    assert len(row.wrap().get_unused_codes()) == 9
    assert not opens(person, old[0])
    assert opens(person, old[1])
    assert not opens(person, old[1])
    row.refresh_from_db()
    assert set(row.data) == {"migrated_codes", "viewed_at"}
    assert SEED not in json.dumps(row.data)
    assert len(row.wrap().get_unused_codes()) == 8


def test_seeds_are_exchanged_at_night(person):
    row, old = row_from_seed(person, viewed_at=1.0)
    assert (hash_seeds(), hash_seeds()) == (1, 0)
    row.refresh_from_db()
    assert "seed" not in row.data
    assert opens(person, old[9])


def test_release_before_reads_the_row_and_takes_no_code(inside, person):
    """Started again on this database it must neither fail nor open."""
    made = make_codes(inside)
    before = HashedCodes.__mro__[1](row_of(person))
    assert not any(before.validate_code(code) for code in (made[0], made[0].replace("-", "")))
    assert len(before.get_unused_codes()) == 10


@pytest.mark.django_db(transaction=True)
def test_same_code_at_the_same_moment_opens_once(person):
    wrapper = HashedCodes.activate(person)
    wrapper.mark_as_viewed()
    code = wrapper.made[0]
    results = at_once(*[lambda: row_of(person).wrap().validate_code(code)] * 4)
    assert sorted(results) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_two_pages_at_the_same_moment_show_one_list(person):
    HashedCodes.activate(person)

    def look():
        wrapper = row_of(person).wrap()
        wrapper.mark_as_viewed()
        return wrapper.made

    assert sorted(len(made) for made in at_once(*[look] * 3)) == [0, 0, 10]


def test_admin_sees_that_there_is_a_second_factor_and_not_by_what_it_is_proved(client, person):
    HashedCodes.activate(person).mark_as_viewed()
    client.force_login(make_admin())
    kept = Authenticator.objects.filter(user=person)
    for row in kept:
        page = client.get(f"/admin/mfa/authenticator/{row.pk}/change/")
        assert page.status_code == 200
        assert SECRET not in page.content.decode() and "migrated_codes" not in page.content.decode()
    assert client.get("/admin/mfa/authenticator/add/").status_code == 403
    client.post(f"/admin/mfa/authenticator/{kept[0].pk}/delete/", {"post": "yes"})
    assert kept.all().count() == 1

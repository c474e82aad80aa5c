"""Pages outside: only public addresses are asked, each redirect anew, within limits; what they say is read in the child."""

import socket
import ssl
import threading
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image

from munistem.commons.links import net
from munistem.commons.links.looking import look_at
from munistem.commons.links.net import Guard, Refused, Unreached, fetch, is_public, place_of
from tests.commons.factories import picture
from tests.commons.servers import bursting, dripping, web
from tests.moments import worked

OWN_FILE = "file:" + "///etc/passwd"
PAGE = """<!doctype html><html lang="he-IL"><head><meta charset="utf-8"><title>A title of the page</title>
<meta property="og:title" content="מעבדת רובוטיקה &amp; יצירה"><meta property="og:site_name" content="העיר שלנו">
<meta name="description" content="מה עשינו בשנה הראשונה"><meta property="og:image" content="/cover.jpg">
<meta itemprop="duration" content="PT1H4M13S"><script>var secret = "not words";</script></head>
<body><nav>Menu</nav><h1>Heading</h1><p>Words for people.</p><style>p {}</style></body></html>"""


@pytest.fixture
def server():
    with web() as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.0.170", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254"),
        *("ff02::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "100::1"),
        *("localhost", "", "2130706433", "0x7f.1"),
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_open_internet(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("file:" "///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)", "//example.org"),
        *("http://", "http:///x", "http://user:pass@example.org/", "http://example.org@10.0.0.1/", "http://@example.org/"),
        *("http://example.org:22/", "http://example.org:8000/", "http://example.org:0x50/", "http://example.org:99999/"),
        *("http://exa mple.org/", "http://example.org/\r\nHost: x", "http://example.org/\x00", "http://[::1", "http://ex\\ample.org/"),
        *("http://example.org/" + "x" * 2_000, "http://" + "a" * 70 + ".org/", "http://-x/", "http://a..b/"),
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_not_asked(url):
    with pytest.raises(Refused):
        place_of(url, Guard())


def test_addresses_in_any_script_are_asked_as_machines_write_them():
    place = place_of("https://עירייה.קום/מסמך חדש?שנה=1#סוף".replace(" ", "%20"), Guard())
    assert place.host.startswith("xn--") and place.port == 443
    assert place.target.isascii() and "#" not in place.target


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f000001/"),
        *("http://0177.0.0.1/", "http://127.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/"),
    ],
)  # fmt: skip
def test_our_own_network_is_not_asked_however_it_is_written(url, tmp_path):
    with (tmp_path / "x").open("wb") as target, pytest.raises((Refused, Unreached)):
        fetch(url, target, kinds=("text/",), most=100)
    assert (tmp_path / "x").read_bytes() == b""


def test_one_inner_address_among_public_ones_is_enough_to_refuse():
    def resolve(host, port, type):
        return [(socket.AF_INET, type, 0, "", (address, port)) for address in ("93.184.215.14", "10.0.0.1")]

    with pytest.raises(Refused):
        net.addresses_of(place_of("http://example.org/", Guard()), Guard(resolve=resolve))


def test_a_name_is_looked_up_once_and_the_address_judged_is_the_one_asked(server, tmp_path):
    server.put("/", "<p>Here</p>")
    asked = []

    def resolve(host, port, type):
        asked.append(host)
        assert len(asked) == 1, "a second look could find another address"
        return [(socket.AF_INET, type, 0, "", ("127.0.0.1", port))]

    with (tmp_path / "x").open("wb") as target:
        fetch(
            server.url("/", "rebinding.example"),
            target,
            kinds=("text/html",),
            most=100,
            guard=server.guard(resolve=resolve),
        )
    assert (tmp_path / "x").read_bytes() == b"<p>Here</p>"
    assert server.heads[0]["Host"] == f"rebinding.example:{server.port}"


def test_where_the_line_ends_is_judged_once_more(server, tmp_path):
    server.put("/", "x")
    judged = []

    def is_open(address):
        judged.append(address)
        return len(judged) == 1

    guard = Guard(is_open=is_open, ports=frozenset({server.port}))
    with (tmp_path / "x").open("wb") as target, pytest.raises(Refused):
        fetch(server.url("/"), target, kinds=("text/",), most=100, guard=guard)
    assert server.asked == []


@pytest.mark.parametrize(
    "to", ["http://127.0.0.2/", "http://10.0.0.1/", OWN_FILE, "http://[::1]/", "//127.0.0.1:22/"]
)
def test_redirects_do_not_lead_inside(server, tmp_path, to):
    url = server.send_on("/out", to)
    with (tmp_path / "x").open("wb") as target, pytest.raises(Refused):
        fetch(url, target, kinds=("text/",), most=100, guard=server.guard())


def test_redirects_are_followed_and_end(server, tmp_path):
    server.put("/end", "<p>End</p>")
    server.send_on("/two", "/end", 308)
    with (tmp_path / "x").open("wb") as target:
        answer = fetch(
            server.send_on("/one", "two"), target, kinds=("text/html",), most=100, guard=server.guard()
        )
    assert answer.url == server.url("/end")
    with (tmp_path / "x").open("wb") as target, pytest.raises(Refused, match="too often"):
        fetch(server.send_on("/round", "/round"), target, kinds=("text/",), most=100, guard=server.guard())
    assert server.asked.count("/round") == net.MOST_REDIRECTS + 1


def test_size_is_bounded_also_of_what_is_packed(server, tmp_path):
    big = server.put("/big", b"x" * 3_000_000)
    bomb = server.put("/bomb", bursting(200), Content_Encoding="gzip")
    for url in (big, bomb):
        with (tmp_path / "x").open("wb") as target, pytest.raises(Unreached):
            fetch(url, target, kinds=("text/",), most=1_000, guard=server.guard())
    tracemalloc.start()
    with (tmp_path / "x").open("wb") as target:
        answer = fetch(bomb, target, kinds=("text/",), most=100_000, cuts=True, guard=server.guard())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.is_cut and (tmp_path / "x").stat().st_size == 100_000
    assert peak < 5_000_000


def test_time_is_bounded_however_slowly_the_other_side_speaks(server, tmp_path, monkeypatch):
    monkeypatch.setattr(net, "SECONDS", 1.0)
    server.pages["/slow"] = dripping  # for a quarter of an hour
    with (tmp_path / "x").open("wb") as target, pytest.raises(Unreached):
        fetch(server.url("/slow"), target, kinds=("text/",), most=100, guard=server.guard())


def test_a_resolver_that_hangs_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(net, "SECONDS_TO_LOOK_UP", 0.2)
    monkeypatch.setattr(net, "LOOKUPS", threading.BoundedSemaphore(2))
    free = threading.Event()

    def resolve(host, port, type):
        free.wait(30)
        raise OSError

    guard, place = Guard(resolve=resolve), place_of("http://slow.example/", Guard())
    for told in (
        "not found in time",
        "not found in time",
        "too many names",
    ):  # the third asks nothing any more
        with pytest.raises(Unreached, match=told):
            net.addresses_of(place, guard)
    with (tmp_path / "x").open("wb") as target, pytest.raises(Unreached):
        fetch("http://slow.example/", target, kinds=("text/",), most=100, guard=guard)
    free.set()  # the hanging ones let go, and names are looked up again
    for _ in range(200):
        if net.LOOKUPS.acquire(blocking=False):
            net.LOOKUPS.release()
            break
        time.sleep(0.05)
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("93.184.215.14", 80))]
    found = net.addresses_of(place, Guard(resolve=lambda *place, **more: answer))
    assert found == [(socket.AF_INET, ("93.184.215.14", 80))]


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/svg+xml"])
def test_only_pages_are_read(server, kind):
    url = server.put("/", "<title>x</title>", kind)
    with pytest.raises(Unreached), look_at(url, guard=server.guard()):
        pass


def test_what_a_page_says_of_itself(server):
    server.put("/cover.jpg", picture("JPEG", (1200, 600)), "image/jpeg")
    with look_at(server.put("/page", PAGE), guard=server.guard()) as sight:
        assert (sight.title, sight.site) == ("מעבדת רובוטיקה & יצירה", "העיר שלנו")
        assert (sight.description, sight.language, sight.seconds) == ("מה עשינו בשנה הראשונה", "he", 3853)
        assert "Words for people." in sight.text
        assert "secret" not in sight.text and "Menu" not in sight.text
        with Image.open(sight.picture) as drawn:
            assert (drawn.format, drawn.size) == ("WEBP", (640, 320))
    assert server.asked == ["/page", "/cover.jpg"]
    assert "Cookie" not in server.heads[0]


def test_a_picture_that_is_none_or_lies_inside_is_left_out(server):
    server.put("/cover.jpg", "<svg onload='x'>", "image/svg+xml")
    for address in (
        "/cover.jpg",
        "http://10.0.0.1/x.png",
        OWN_FILE,
        "data:image/png;base64,AA==",
        "http://[bad.example/x.png",
    ):
        page = PAGE.replace("/cover.jpg", address)
        with look_at(server.put("/page", page), guard=server.guard()) as sight:
            assert sight.picture == ""


def test_titles_are_made_harmless(server):
    page = "<title>\u202eevil\x07 \n title</title><html lang='\"><x'>"
    with look_at(server.put("/", page), guard=server.guard()) as sight:
        assert (sight.title, sight.site, sight.language) == ("evil title", "127.0.0.1", "")


@pytest.mark.parametrize("charset", ["windows-1255", "iso-8859-8", "utf-16"])
def test_old_charsets_are_read(server, charset):
    url = server.put("/", "<title>שלום</title>".encode(charset), f"text/html; charset={charset}")
    with look_at(url, guard=server.guard()) as sight:
        assert sight.title == "שלום"


def test_the_length_of_a_film_is_found_where_search_engines_find_it(server):
    page = '<title>x</title><script type="application/ld+json">{"@graph": [{"@type": "VideoObject", "duration": "PT4M13S"}]}</script>'
    with look_at(server.put("/", page), guard=server.guard()) as sight:
        assert sight.seconds == 253


@pytest.mark.parametrize(
    "content",
    [
        "<" * 500_000,
        "<a " * 200_000,
        "<div>" * 300_000,
        "<!--" * 200_000,
        "<script type='application/ld+json'>" + "[" * 100_000,
        "&#x" * 300_000,
        "\x00" * 1000 + "<title>x",
    ],
)
def test_hostile_pages_end_within_bounds(server, content):
    begun = worked()
    try:
        with look_at(server.put("/", content), guard=server.guard()):
            pass
    except Unreached:
        pass
    assert worked() - begun < 20


# Secured lines -------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path):
    """Path of a key and certificate for ``secure.example``, made for this test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "secure.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def asked_by_name(server, host, tmp_path):
    def resolve(_host, port, type):
        return [(socket.AF_INET, type, 0, "", ("127.0.0.1", port))]

    with (tmp_path / "x").open("wb") as target:
        fetch(
            f"https://{host}:{server.port}/",
            target,
            kinds=("text/html",),
            most=100,
            guard=server.guard(resolve=resolve),
        )
    return (tmp_path / "x").read_bytes()


def test_a_secured_page_is_read_only_from_whom_it_says_it_is(server, certificate, tmp_path, monkeypatch):
    server.put("/", "<p>Safe</p>")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(Unreached):
        asked_by_name(server, "secure.example", tmp_path)  # nobody vouches for it
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asked_by_name(server, "secure.example", tmp_path) == b"<p>Safe</p>"
    with pytest.raises(Unreached):
        asked_by_name(server, "another.example", tmp_path)  # somebody else's certificate
    assert server.asked == ["/"]

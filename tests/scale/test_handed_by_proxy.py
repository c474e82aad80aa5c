"""What nginx has to add when it sends a file in place of the portal's answer (X_ACCEL), and where it is told so."""

import re

import pytest
from django.test import Client
from django.urls import include, path

from munistem.commons.files.actions import store
from munistem.commons.files.models import StoredFile
from munistem.commons.files.views import serve
from tests.commons.factories import make_person, pdf, uploaded
from tests.house.test_rules_of_the_house import BASE

SNIPPET = BASE / "deploy" / "nginx" / "file-headers.conf"
#: What nginx takes over by itself (ngx_http_upstream.c), and what is of the answer that it throws away.
KEPT_BY_NGINX = {
    "Content-Type",
    "Content-Disposition",
    "Cache-Control",
    "Accept-Ranges",
    "Set-Cookie",
    "Expires",
}
OF_THE_ANSWER = {"Content-Length", "X-Accel-Redirect"}

urlpatterns = [
    path("a-file/", lambda request: serve(request, StoredFile.objects.get())),
    path("", include("munistem.urls")),
]


@pytest.mark.django_db
def test_proxy_adds_every_header_of_a_file(settings):
    settings.ROOT_URLCONF, settings.X_ACCEL = __name__, "/files/"
    settings.SECURE_HSTS_SECONDS = 60
    store(uploaded("plan.pdf", pdf()), by=make_person())
    answer = Client(headers={"host": "localhost"}).get("/a-file/", secure=True)
    assert "X-Accel-Redirect" in answer.headers
    text = SNIPPET.read_text()
    added = dict(re.findall(r"^add_header (\S+) (\S+) always;$", text, re.MULTILINE))
    assert answer.headers.keys() - KEPT_BY_NGINX - OF_THE_ANSWER <= added.keys()
    noted = dict(re.findall(r"^set (\$kept_\w+) \$upstream_http_(\w+);$", text, re.MULTILINE))
    for name, value in added.items():
        if value.startswith("$"):
            assert noted[value] == name.lower().replace("-", "_")
        else:
            assert answer.headers[name] == value


@pytest.mark.parametrize("document", ["operations.md", "scaling.md"])
def test_every_internal_location_of_the_documents_adds_them(document):
    text = (BASE / "docs" / document).read_text()
    locations = [
        part for part in re.findall(r"location \S+ \{(.*?)\n\s*\}", text, re.DOTALL) if "internal;" in part
    ]
    assert locations
    assert all(f"include munistem/{SNIPPET.name};" in part for part in locations)

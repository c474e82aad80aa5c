"""Results in several languages: in which order they stand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.knowledge.factories import make_item

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("רובוטים", ["he", "en", "ar"]),  # asked in Hebrew: first what is in Hebrew, however old
        ("robots", ["en", "ar", "he"]),  # the newest first, whatever its language
        ("روبوتات", ["en", "ar", "he"]),
    ],
)
def test_hebrew_stands_first_only_for_who_asks_in_hebrew(client, query, languages):
    now = timezone.now()
    for years, language in enumerate(("en", "ar", "he")):
        title = f"רובוטים robots روبوتات {language}"
        make_item(title=title, language=language, published_at=now - timedelta(days=700 * years))
    page = client.get("/search/", {"q": query, "in": "items"}).context["page"]
    assert [str(found.title)[-2:] for found in page.object_list] == languages

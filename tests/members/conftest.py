import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture(autouse=True)
def _english(client, settings):
    client.cookies["django_language"] = "en"
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def read(client):
    """``read("/people/")``: the page as text; another status fails."""

    def read_(url: str, status: int = 200) -> str:
        response = client.get(url)
        assert response.status_code == status, (url, response.status_code)
        return response.content.decode()

    return read_


@pytest.fixture
def count_queries(client):
    """``count_queries("/people/")``: how many queries a page costs, once everything is warm."""

    def count(url: str) -> int:
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    return count

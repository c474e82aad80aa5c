"""The floor: the least a signed-in Django page can do – session, person, one query, a template of 20 rows – and the least that
a deed can: session, the form's secret, one row in a transaction."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from communities.models import Topic

PAGE = """<!doctype html><title>floor</title><p>{% if user.is_authenticated %}{{ user.email }}{% endif %}</p>
<ul>{% for topic in topics %}<li><a href="/topics/{{ topic.pk }}/">{{ topic.title }}</a> {{ topic.post_count }}</li>{% endfor %}</ul>"""
TEMPLATE = engines["django"].from_string(PAGE)
#: Where the floor's deed writes.
WRITTEN = """create table if not exists bench_written (
    id bigserial primary key, person_id bigint not null, body text not null, written_at timestamptz not null default now()
)"""


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)


def show_floor(request: HttpRequest) -> HttpResponse:
    topics = Topic.objects.order_by("-last_post_at")[:20]
    response = HttpResponse(TEMPLATE.render({"topics": topics, "user": request.user}, request))
    response.headers["Content-Length"] = len(response.content)  # the load client reads no chunks
    return response


@require_POST
@csrf_protect
def write_row(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        values = [request.user.pk, request.POST["body"]]
        cursor.execute("insert into bench_written (person_id, body) values (%s, %s)", values)
    response = HttpResponseRedirect("/")
    response.headers["Content-Length"] = 0
    return response


urlpatterns = [path("", show_floor), path("write/", write_row)]

"""The floor: the least a signed-in Django page can do – session, person, one query, a template of 20 rows."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from communities.models import Topic

PAGE = """<!doctype html><title>floor</title><p>{% if user.is_authenticated %}{{ user.email }}{% endif %}</p>
<ul>{% for topic in topics %}<li><a href="/topics/{{ topic.pk }}/">{{ topic.title }}</a> {{ topic.post_count }}</li>{% endfor %}</ul>"""
TEMPLATE = engines["django"].from_string(PAGE)


def show_floor(request: HttpRequest) -> HttpResponse:
    topics = Topic.objects.order_by("-last_post_at")[:20]
    response = HttpResponse(TEMPLATE.render({"topics": topics, "user": request.user}, request))
    response.headers["Content-Length"] = len(response.content)  # the load client reads no chunks
    return response


urlpatterns = [path("", show_floor)]

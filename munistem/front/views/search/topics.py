"""Topics as the search box shows them: each with the post that says most of what was asked."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from communities.models import Community, Post, Topic
from munistem.commons.text.html import plain
from munistem.front.views.search.snippets import Asked, Found, told_language

LATEST_POST_READ = 60


def topic_rows(user: Any, community: Community | None = None) -> QuerySet:
    """With the first posts of each, so that these need no query of their own."""
    topics = Topic.objects.visible_to(user).shown()
    topics = topics.filter(community=community) if community else topics
    posts = Post.objects.shown().filter(topic=OuterRef("pk"), number__lte=LATEST_POST_READ).order_by("number")
    topics = topics.annotate(
        early_posts=ArraySubquery(posts.values(post=JSONObject(number="number", body="body")))
    )
    return topics.select_related("community").defer("search_vector", "community__search_vector")


def show_topics(topics: list[Topic], asked: Asked, user: Any) -> list[Found]:
    """Each with the post that says most of what was asked; the link leads there."""
    return [
        show_topic(topic, [Post(topic=topic, **post) for post in topic.early_posts], asked)
        for topic in topics
    ]


def show_topic(topic: Topic, posts: list[Post], asked: Asked) -> Found:
    """Of posts that say as much the earlier; the opening where none says anything."""
    passage = asked.best((str(post.number), plain(post.body)) for post in posts)
    number = int(passage.label) if passage else 1
    url = (
        topic.get_absolute_url()
        if number == 1
        else next(post.place for post in posts if post.number == number)
    )
    opening = next((plain(post.body) for post in posts if post.number == 1), "")
    notes = (
        topic.get_kind_display(),
        topic.community.name,
        topic.last_post_at,
        *told_language(topic.language),
    )
    snippet = passage.html if passage else asked.passage([opening])
    return Found(asked.marked(topic.title), url, snippet, notes, topic.language)

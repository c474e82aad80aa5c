"""Topics as the search box shows them: each with the post that says most of what was asked."""

from typing import Any

from django.db.models import QuerySet

from communities.models import Post, Topic
from munistem.commons.text.html import plain
from munistem.front.views.search.snippets import Asked, Found

LATEST_POST_READ = 60


def topic_rows(user: Any) -> QuerySet:
    topics = Topic.objects.visible_to(user).shown()
    return topics.select_related("community").defer("search_vector", "community__search_vector")


def show_topics(topics: list[Topic], asked: Asked, user: Any) -> list[Found]:
    """Each with the post that says most of what was asked; the link leads there."""
    posts: dict[int, list[Post]] = {}
    early = Post.objects.shown().filter(
        topic__in=[topic.pk for topic in topics], number__lte=LATEST_POST_READ
    )
    for post in early.only("topic_id", "number", "body").order_by("topic_id", "number"):
        posts.setdefault(post.topic_id, []).append(post)
    return [show_topic(topic, posts.get(topic.pk, []), asked) for topic in topics]


def show_topic(topic: Topic, posts: list[Post], asked: Asked) -> Found:
    texts = {post.number: plain(post.body) for post in posts}
    said = {number: len(asked.found(text)) for number, text in texts.items()}
    best = max(said, key=lambda number: (said[number], -number), default=1)
    is_elsewhere = best > 1 and said[best] > 0
    url = (
        next(post.place for post in posts if post.number == best)
        if is_elsewhere
        else topic.get_absolute_url()
    )
    notes = (topic.get_kind_display(), topic.community.name, topic.last_post_at)
    return Found(asked.marked(topic.title), url, asked.passage([texts.get(best, "")]), notes, topic.language)

from django.urls import path

from communities.views import community, membership, post, topic

urlpatterns = [
    path("communities/", community.list_communities, name="list_communities"),
    path("communities/<name:slug>/", community.show_community, name="show_community"),
    path("communities/<name:slug>/edit/", community.edit_community, name="edit_community"),
    path("communities/<name:slug>/join/", membership.join_community, name="join_community"),
    path("communities/<name:slug>/ask/", membership.ask_to_join, name="ask_to_join"),
    path("communities/<name:slug>/ask/withdraw/", membership.withdraw_request, name="withdraw_request"),
    path("communities/<name:slug>/invitation/", membership.answer_invitation, name="answer_invitation"),
    path("communities/<name:slug>/leave/", membership.leave_community, name="leave_community"),
    path("communities/<name:slug>/people/", membership.list_community_people, name="list_community_people"),
    path(
        "communities/<name:slug>/people/find/", membership.find_community_people, name="find_community_people"
    ),
    path("communities/<name:slug>/people/<id:pk>/admit/", membership.admit_member, name="admit_member"),
    path("communities/<name:slug>/people/<id:pk>/decline/", membership.decline_member, name="decline_member"),
    path("communities/<name:slug>/people/<id:pk>/remove/", membership.remove_member, name="remove_member"),
    path(
        "communities/<name:slug>/people/<id:pk>/facilitator/",
        membership.make_facilitator,
        name="make_facilitator",
    ),
    path(
        "communities/<name:slug>/people/<id:pk>/facilitator/end/",
        membership.end_facilitation,
        name="end_facilitation",
    ),
    path(
        "communities/<name:slug>/people/<id:pk>/uninvite/",
        membership.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("communities/<name:slug>/topics/new/", topic.open_topic, name="open_topic"),
    path("communities/<name:slug>/topics/similar/", topic.find_similar_topics, name="find_similar_topics"),
    path("topics/<id:pk>/", topic.show_topic, name="show_topic"),
    path("topics/<id:pk>/pin/", topic.pin_topic, name="pin_topic"),
    path("topics/<id:pk>/lock/", topic.lock_topic, name="lock_topic"),
    path("topics/<id:pk>/unaccept/", topic.unaccept_answer, name="unaccept_answer"),
    path("topics/<id:pk>/files/<uuid:key>/", topic.serve_post_file, name="serve_post_file"),
    path("topics/<id:pk>/files/<uuid:key>/preview/", topic.serve_post_preview, name="serve_post_preview"),
    path("posts/<id:pk>/", post.show_post, name="show_post"),
    path("posts/<id:pk>/edit/", post.edit_post, name="edit_post"),
    path("posts/<id:pk>/history/", post.show_history, name="show_history"),
    path("posts/<id:pk>/helpful/", post.mark_helpful, name="mark_helpful"),
    path("posts/<id:pk>/accept/", post.accept_answer, name="accept_answer"),
    path("posts/<id:pk>/hide/", post.hide_post, name="hide_post"),
    path("posts/<id:pk>/show/", post.unhide_post, name="unhide_post"),
    path("posts/<id:pk>/report/", post.report_post, name="report_post"),
    path("posts/<id:pk>/reports/close/", post.close_reports, name="close_reports"),
]

from django.urls import path

from knowledge.views import (
    collection,
    export,
    follow,
    item,
    library,
    offer,
    person,
    reader,
    review,
    tags,
    use,
    write,
)

urlpatterns = [
    path("knowledge/", library.list_items, name="list_items"),
    path("knowledge/new/", write.add_item, name="add_item"),
    path("knowledge/mine/", library.list_own_items, name="list_own_items"),
    path("knowledge/tags/", tags.list_free_tags, name="list_free_tags"),
    path("knowledge/tags/<id:pk>/", tags.settle_tag, name="settle_tag"),
    path("knowledge/collections/", collection.list_collections, name="list_collections"),
    path("knowledge/collections/<name:slug>/", collection.show_collection, name="show_collection"),
    path("knowledge/<name:slug>/", item.show_item, name="show_item"),
    path("knowledge/<name:slug>/useful/", use.call_useful, name="call_useful"),
    path("knowledge/<name:slug>/save/", use.save_for_later, name="save_for_later"),
    path("me/saved/", use.list_saved, name="list_saved"),
    path("me/follow/", follow.follow, name="follow"),
    path("me/follows/", follow.list_follows, name="list_follows"),
    path("knowledge/<name:slug>/edit/", write.edit_item, name="edit_item"),
    path("knowledge/<name:slug>/withdraw/", write.withdraw_item, name="withdraw_item"),
    path("knowledge/<name:slug>/restore/", write.restore_item, name="restore_item"),
    path("knowledge/<name:slug>/revisions/<id:number>/", item.show_revision, name="show_revision"),
    path("knowledge/<name:slug>/revisions/<id:number>/drop/", write.drop_changes, name="drop_changes"),
    path(
        "knowledge/<name:slug>/revisions/<id:number>/review/", review.review_revision, name="review_revision"
    ),
    path("knowledge/<name:slug>/files/<uuid:key>/", item.serve_item_file, name="serve_item_file"),
    path(
        "knowledge/<name:slug>/files/<uuid:key>/preview/", item.serve_item_preview, name="serve_item_preview"
    ),
    path("knowledge/<name:slug>/files/<uuid:key>/read/", reader.read_item_file, name="read_item_file"),
    path(
        "knowledge/<name:slug>/files/<uuid:key>/pages/<id:number>/",
        reader.serve_item_page,
        name="serve_item_page",
    ),
    path("communities/<name:slug>/export/", export.show_exports, name="show_exports"),
    path("communities/<name:slug>/export/<uuid:key>/", export.serve_export, name="serve_export"),
    path("communities/<name:slug>/library/", library.show_community_library, name="show_community_library"),
    path("topics/<id:pk>/offer/", offer.offer_topic, name="offer_topic"),
    path("topics/<id:pk>/offer/send/", offer.send_offer, name="send_offer"),
    path("consents/<id:pk>/", offer.answer_consent, name="answer_consent"),
    path("consents/<str:token>/", offer.answer_consent_from_mail, name="answer_consent_from_mail"),
    path("people/<uuid:uuid>/", person.show_person, name="show_person"),
]

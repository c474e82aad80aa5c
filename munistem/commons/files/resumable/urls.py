from django.urls import path

from munistem.commons.files.resumable import views

urlpatterns = [
    path("files/uploads/", views.announce_upload, name="announce_upload"),
    path("files/uploads/<uuid:key>/", views.send_piece, name="send_piece"),
]

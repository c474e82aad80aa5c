from django.urls import path

from members.views import application, organisations, people, profile, role, status, team, team_request

# The way into the network
urlpatterns = [
    path("join/", application.join, name="join"),
    path("join/find/", application.find_register_row, name="find_register_row"),
    path("join/continue/", status.continue_application, name="continue_application"),
    path("join/continue/<str:token>/", status.open_application, name="open_application"),
    path("join/confirm/<str:token>/", status.confirm_address, name="confirm_address"),
    path("join/team/<name:slug>/", team_request.join_team, name="join_team"),
    path("join/team/confirm/<str:token>/", team_request.confirm_team_request, name="confirm_team_request"),
    path("join/requests/<uuid:key>/accept/", team_request.accept_team_request, name="accept_team_request"),
    path("join/requests/<uuid:key>/decline/", team_request.decline_team_request, name="decline_team_request"),
    path("join/<uuid:key>/", status.show_application, name="show_application"),
    path("join/<uuid:key>/answer/", status.answer_question, name="answer_question"),
    path("join/<uuid:key>/withdraw/", status.withdraw_application, name="withdraw_application"),
    path("join/<uuid:key>/resend/", status.resend_confirmation, name="resend_confirmation"),
    path("join/<uuid:key>/discard/", application.discard_application, name="discard_application"),
    path("join/<uuid:key>/<slug:step>/", application.fill_application, name="fill_application"),
]

# People, organisations and their teams
urlpatterns += [
    path("me/", profile.show_me, name="show_me"),
    path("me/profile/", profile.edit_profile, name="edit_profile"),
    path("me/acting-for/", profile.choose_organisation, name="choose_organisation"),
    path("people/", people.list_people, name="list_people"),
    path("people/<uuid:uuid>/photo/", profile.serve_photo, name="serve_photo"),
    path("organisations/", organisations.list_organisations, name="list_organisations"),
    path("organisations/<name:slug>/team/", team.show_team, name="show_team"),
    path("organisations/<name:slug>/team/<id:pk>/manager/", team.make_manager, name="make_manager"),
    path("organisations/<name:slug>/team/<id:pk>/end/", team.end_mandate, name="end_mandate"),
    path("invitations/<uuid:key>/", team.show_invitation, name="show_invitation"),
    path("invitations/<uuid:key>/accept/", team.accept_team_invitation, name="accept_team_invitation"),
    path("invitations/<uuid:key>/resend/", team.resend_invitation, name="resend_invitation"),
    path("invitations/<uuid:key>/revoke/", team.revoke_invitation, name="revoke_invitation"),
    path("authorities/<id:code>/role/", role.appoint_holder, name="appoint_holder"),
    path("authorities/<id:code>/role/end/", role.end_holding, name="end_holding"),
    path("authorities/", organisations.list_authorities, name="list_authorities"),
]

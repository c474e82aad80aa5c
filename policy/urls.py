from django.urls import path

from policy.views import (
    adoption,
    answer,
    endorsement,
    figures,
    item,
    keeping,
    organisation,
    parts,
    programme,
    recommendation,
)

ONE = "policy/recommendations/<slug:slug>/"
ANSWER = "policy/endorsements/<id:pk>/"
PROGRAMME = "policy/programmes/<id:pk>/"
YEAR = "policy/authorities/<id:code>/figures/<id:year>/"

urlpatterns = [
    path("policy/", recommendation.show_policy, name="show_policy"),
    path("policy/roundtables/<slug:slug>/", recommendation.show_roundtable, name="show_roundtable"),
    path("policy/adoption/", adoption.show_adoption, name="show_adoption"),
    path(ONE, recommendation.show_recommendation, name="show_recommendation"),
    path(f"{ONE}endorse/", answer.endorse_recommendation, name="endorse_recommendation"),
    path(f"{ONE}items/", item.link_item, name="link_item"),
    path(f"{ONE}items/find/", item.find_item, name="find_item"),
    path(f"{ONE}items/<id:pk>/remove/", item.unlink_item, name="unlink_item"),
    path(ANSWER, endorsement.show_endorsement, name="show_endorsement"),
    path(f"{ANSWER}answer/", endorsement.answer_endorsement, name="answer_endorsement"),
    path(f"{ANSWER}revoke/", answer.revoke_endorsement, name="revoke_endorsement"),
    path(f"{ANSWER}report/", answer.report_progress, name="report_progress"),
    path(f"{ANSWER}signed-page/", endorsement.serve_signed_page, name="serve_signed_page"),
    path("policy/reports/<id:pk>/evidence/", endorsement.serve_evidence, name="serve_evidence"),
    path("policy/programmes/", programme.list_programmes, name="list_programmes"),
    path("policy/programmes/new/", keeping.enter_programme, name="enter_programme"),
    path(PROGRAMME, programme.show_programme, name="show_programme"),
    path(f"{PROGRAMME}edit/", keeping.edit_programme, name="edit_programme"),
    path(f"{PROGRAMME}end/", keeping.end_programme, name="end_programme"),
    path(f"{PROGRAMME}take-up/", keeping.take_up_programme, name="take_up_programme"),
    path(f"{PROGRAMME}figures/<id:year>/", parts.show_programme_figures, name="show_programme_figures"),
    path(YEAR, figures.show_figures, name="show_figures"),
    path(f"{YEAR}copy/", figures.copy_figures, name="copy_figures"),
    path("organisations/<name:slug>/", organisation.show_organisation, name="show_organisation"),
    path("organisations/<name:slug>/edit/", organisation.edit_organisation, name="edit_organisation"),
    path("authorities/<id:code>/", organisation.show_authority, name="show_authority"),
]

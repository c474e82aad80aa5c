from django.urls import path

from policy.views import (
    adoption,
    answer,
    consultation,
    endorsement,
    figures,
    importing,
    item,
    keeping,
    organisation,
    parts,
    picture,
    programme,
    progress,
    recommendation,
    version,
    workspace,
)

ONE = "policy/recommendations/<slug:slug>/"
TABLE = "policy/roundtables/<slug:slug>/"
VERSION = f"{ONE}versions/<id:number>/"
CONSULTATION = "policy/consultations/<id:pk>/"
ANSWER = "policy/endorsements/<id:pk>/"
PROGRAMME = "policy/programmes/<id:pk>/"
IMPORT = "policy/authorities/<id:code>/programmes/import/"
PICTURE = "policy/picture/<id:code>/"
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
    path(f"{TABLE}workspace/", workspace.show_workspace, name="show_workspace"),
    path(f"{TABLE}workspace/seats/new/", workspace.add_seat, name="add_seat"),
    path(f"{TABLE}workspace/seats/<id:pk>/", workspace.edit_seat, name="edit_seat"),
    path(f"{TABLE}workspace/seats/<id:pk>/remove/", workspace.remove_seat, name="remove_seat"),
    path(f"{TABLE}workspace/contributions/new/", workspace.add_contribution, name="add_contribution"),
    path(f"{TABLE}workspace/contributions/<id:pk>/", workspace.edit_contribution, name="edit_contribution"),
    path(
        f"{TABLE}workspace/contributions/<id:pk>/remove/",
        workspace.remove_contribution,
        name="remove_contribution",
    ),
    path(f"{TABLE}workspace/gather/", workspace.gather_contributions, name="gather_contributions"),
    path(f"{TABLE}workspace/drafts/new/", workspace.begin_draft, name="begin_draft"),
    path(f"{ONE}versions/next/", version.draft_next, name="draft_next"),
    path(VERSION, version.show_version, name="show_version"),
    path(f"{VERSION}changes/", version.show_changes, name="show_version_changes"),
    path(f"{VERSION}edit/", version.edit_version, name="edit_version"),
    path(f"{VERSION}sources/<id:pk>/remove/", version.scatter_contribution, name="scatter_contribution"),
    path(f"{VERSION}open/", version.open_consultation, name="open_consultation_on"),
    path(f"{VERSION}adopt/", version.adopt_version, name="adopt_version"),
    path(f"{VERSION}withdraw/", version.withdraw_version, name="withdraw_version"),
    path(CONSULTATION, consultation.show_consultation, name="show_consultation"),
    path(f"{CONSULTATION}comment/", consultation.comment_paragraph, name="comment_paragraph"),
    path(f"{CONSULTATION}comments/<id:comment>/", consultation.answer_comment, name="answer_version_comment"),
    path(f"{CONSULTATION}close/", consultation.close_consultation, name="close_policy_consultation"),
    path(ANSWER, endorsement.show_endorsement, name="show_endorsement"),
    path(f"{ANSWER}answer/", endorsement.answer_endorsement, name="answer_endorsement"),
    path(f"{ANSWER}revoke/", answer.revoke_endorsement, name="revoke_endorsement"),
    path(f"{ANSWER}report/", progress.report_progress, name="report_progress"),
    path(f"{ANSWER}signed-page/", endorsement.serve_signed_page, name="serve_signed_page"),
    path("policy/reports/<id:pk>/evidence/", endorsement.serve_evidence, name="serve_evidence"),
    path("policy/programmes/", programme.list_programmes, name="list_programmes"),
    path("policy/programmes/new/", keeping.enter_programme, name="enter_programme"),
    path(PROGRAMME, programme.show_programme, name="show_programme"),
    path(f"{PROGRAMME}edit/", keeping.edit_programme, name="edit_programme"),
    path(f"{PROGRAMME}end/", keeping.end_programme, name="end_programme"),
    path(f"{PROGRAMME}take-up/", keeping.take_up_programme, name="take_up_programme"),
    path(f"{PROGRAMME}figures/<id:year>/", parts.show_programme_figures, name="show_programme_figures"),
    path("policy/programmes/table.csv", programme.serve_programmes_csv, name="serve_programmes_csv"),
    path("policy/programmes/list.json", programme.serve_programmes_json, name="serve_programmes_json"),
    path(IMPORT, importing.import_programmes, name="import_programmes"),
    path(f"{IMPORT}table/", importing.serve_programme_table, name="serve_programme_table"),
    path(f"{IMPORT}<uuid:key>/", importing.show_programme_import, name="show_programme_import"),
    path(f"{IMPORT}<uuid:key>/confirm/", importing.confirm_programme_import, name="confirm_programme_import"),
    path(f"{IMPORT}<uuid:key>/report/", importing.serve_programme_report, name="serve_programme_report"),
    path(f"{IMPORT}<uuid:key>/<id:number>/", importing.mend_programme_row, name="mend_programme_row"),
    path("policy/picture/rule/", picture.show_picture_rule, name="show_picture_rule"),
    path(PICTURE, picture.show_picture, name="show_picture"),
    path(YEAR, figures.show_figures, name="show_figures"),
    path(f"{YEAR}copy/", figures.copy_figures, name="copy_figures"),
    path("organisations/<name:slug>/", organisation.show_organisation, name="show_organisation"),
    path("organisations/<name:slug>/edit/", organisation.edit_organisation, name="edit_organisation"),
    path("authorities/<id:code>/", organisation.show_authority, name="show_authority"),
]

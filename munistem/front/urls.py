from django.urls import path

from munistem.front.views import desk, health, home, letters, notices, pages, search, signs, styleguide

urlpatterns = [
    path("", home.show_home, name="home"),
    path("first-steps/recommendations/", home.read_recommendations, name="read_recommendations"),
    path("first-steps/done/", home.finish_first_steps, name="finish_first_steps"),
    path("about/", pages.show_about, name="show_about"),
    path("terms/", pages.show_terms, name="show_terms"),
    path("privacy/", pages.show_privacy, name="show_privacy"),
    path("accessibility/", pages.show_accessibility, name="show_accessibility"),
    path("search/", search.search, name="search"),
    path("desk/", desk.show_desk, name="show_desk"),
    path("me/notices/", notices.list_notices, name="list_notices"),
    path("me/notices/read/", notices.read_all_notices, name="read_all_notices"),
    path("me/notices/<id:pk>/", notices.open_notice, name="open_notice"),
    path("me/choices/", notices.choose_notices, name="choose_notices"),
    path("unsubscribe/<str:token>/", notices.unsubscribe, name="unsubscribe"),
    path("healthz", health.say_alive, name="healthz"),
    path("readyz", health.say_ready, name="readyz"),
    path("robots.txt", signs.show_robots, name="robots"),
    path("sitemap.xml", signs.show_sitemap, name="sitemap"),
    path(".well-known/security.txt", signs.show_security, name="security"),
    path("dev/mail/", letters.list_letters, name="list_letters"),
    path("dev/mail/<uuid:key>/", letters.show_letter, name="show_letter"),
    path("dev/mail/<uuid:key>/body/", letters.show_letter_body, name="show_letter_body"),
    path("styleguide/", styleguide.show_styleguide, name="show_styleguide"),
]

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern
from taggit.models import Tag

from munistem.commons.admin import AuthenticatorAdmin

admin.autodiscover()
if admin.site.is_registered(Tag):  # of taggit itself; the words of our vocabulary are terms
    admin.site.unregister(Tag)
admin.site.unregister(Authenticator)  # allauth's page of it would show what a second factor is proved by
admin.site.register(Authenticator, AuthenticatorAdmin)
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("munistem.front.urls")),
    # No address is of two rooms, so the one most asked comes first: each line above costs every page below.
    path("", include("communities.urls")),
    path("", include("knowledge.urls")),
    path("", include("policy.urls")),
    path("", include("members.urls")),
    path("", include("munistem.commons.files.resumable.urls")),
    # Read when the first one asks for it, as `include` cannot: its library is as large as a room, and few ask.
    URLResolver(RoutePattern("api/v1/"), "munistem.front.api.urls", app_name="api", namespace="api"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "munistem.front.views.errors.show_400"
handler403 = "munistem.front.views.errors.show_403"
handler404 = "munistem.front.views.errors.show_404"
handler500 = "munistem.front.views.errors.show_500"

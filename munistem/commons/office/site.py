"""The admin: every deed in it needs a fresh sign-in, and who looks at rows of persons is written down."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import get_user_model
from django.db.models import EmailField, Model
from django.http import HttpRequest, HttpResponse

from munistem.commons import audit
from munistem.commons.guards.fresh import fresh_for_staff

View = Callable[..., HttpResponse]
#: Columns that name a person or an address, besides those whose type says so.
TELLING = {"person", "user", "recipients", "sender", "address", "actor"}
MOST_KEYS = 200


def shows_persons(model: type[Model]) -> bool:
    """Whether a row of it is about a person, or tells an address; whoever merely wrote a thing does not count."""
    fields = model._meta.concrete_fields
    return model is get_user_model() or any(
        isinstance(field, EmailField) or field.name in TELLING for field in fields
    )


def noting(view: View, model_admin: ModelAdmin) -> View:
    """The view, which writes down what it showed of whom: keys of a list, or the one row."""

    def noted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if request.method == "GET" and response.status_code == 200:
            if "cl" in context:
                keys = [str(row.pk) for row in context["cl"].result_list[:MOST_KEYS]]
                audit.saw(model_admin.model, by=request.user, rows=keys)
            elif row := next((one for one in context.values() if isinstance(one, model_admin.model)), None):
                audit.saw(row, by=request.user)
        return response

    return noted


class Office(AdminSite):
    """Django's admin, more careful."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        model_admin = getattr(view, "__self__", None)
        guarded = fresh_for_staff(view)
        if isinstance(model_admin, ModelAdmin) and shows_persons(model_admin.model):
            guarded = noting(guarded, model_admin)
        return super().admin_view(guarded, cacheable)

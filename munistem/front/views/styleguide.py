from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from munistem.commons.enums import LifeStage, Setting
from munistem.commons.text.forms import RichTextField

COLOURS = (
    "paper",
    "surface",
    "well",
    "ink",
    "teal",
    "teal-tint",
    "clay",
    "clay-tint",
    "sun",
    "sun-tint",
    "leaf",
    "leaf-tint",
)


class ExampleForm(forms.Form):
    """One field of every sort, for the page that shows them."""

    title = forms.CharField(label=_("Title"), help_text=_("In the words you would use with a colleague."))
    mail = forms.EmailField(label=_("E-mail"), required=False)
    setting = forms.ChoiceField(label=_("Setting"), choices=Setting.choices, widget=forms.RadioSelect)
    stages = forms.MultipleChoiceField(
        label=_("Life stages"), choices=LifeStage.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("he", "עברית"), ("ar", "العربية"), ("en", "English")]
    )
    body = forms.CharField(label=_("What happened"), widget=forms.Textarea, required=False)
    files = forms.FileField(
        label=_("Files"), required=False, widget=forms.FileInput(attrs={"data-drop": "", "data-limit": "100"})
    )
    is_public = forms.BooleanField(
        label=_("Show it to everyone"),
        help_text=_("Otherwise only members of the network see it."),
        required=False,
    )


class WritingForm(forms.Form):
    """The rich-text field; by itself, because only pages where one writes load the editor."""

    post = RichTextField(label=_("Your answer"), help_text=_("What you paste from Word keeps its lists."))


EXAMPLE_PROSE = (
    "<h2>כותרת</h2><p>טקסט בעברית עם <strong>הדגשה</strong> ו<a href='https://example.org/'>קישור</a>.</p>"
    "<ul><li>פריט ראשון</li><li>فقرة ثانية</li><li>A third one</li></ul>"
    "<blockquote><p>A quotation in English keeps its own direction.</p></blockquote>"
    "<table><tr><th>א</th><th>ב</th></tr><tr><td>1</td><td>2</td></tr></table>"
)
TABS = (("?", _("Topics"), 34), ("?tab=people", _("People"), 58), ("?tab=library", _("Library"), None))
CRUMBS = [("/communities/", _("Communities")), ("/communities/stem-managers/", _("An example community"))]
AGO = ({"minutes": 3}, {"hours": 2}, {"days": 1}, {"days": 40})


@require_safe
def show_styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the design once, for those who build and those who check."""
    now = timezone.now()
    context = {
        "colours": COLOURS,
        "form": WritingForm() if "editor" in request.GET else ExampleForm(),
        "mistaken": ExampleForm({"title": "", "mail": "no address", "setting": "formal"}),
        "page": Paginator(range(240), 20).get_page(4),
        "some_stages": [LifeStage.PRIMARY, LifeStage.LOWER_SECONDARY, LifeStage.UPPER_SECONDARY],
        "counts": dict(zip(LifeStage.values, (12, 34, 58, 41, 0, 17, 9), strict=True)),
        "gaps": [LifeStage.SERVICE],
        "moments": [now - timedelta(**ago) for ago in AGO],
        "meeting_at": now + timedelta(days=9),
        "crumbs": CRUMBS,
        "tabs": [
            {"url": url, "label": label, "count": count, "is_here": url == "?"} for url, label, count in TABS
        ],
        "example_prose": EXAMPLE_PROSE,
    }
    return render(request, "front/styleguide.html", context)

"""What a page offers to be filled in: its forms and the names in its links, read from the HTML as a browser would."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

FREE = {"text", "search", "email", "url", "tel", "password", "date", "number", "textarea"}


@dataclass
class Form:
    """A form with what would be sent if nobody touched it; ``free`` are the fields in which one types."""

    action: str
    method: str
    data: dict[str, list[str]] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [name for name in self.data if name != "csrfmiddlewaretoken"]


class Reader(HTMLParser):
    """Collects forms (fields joined by ``form=`` included) and the names that links carry in their queries."""

    def __init__(self, html: str):
        super().__init__()
        self.forms: list[Form] = []
        self.asked: set[str] = set()
        self.by_id: dict[str, Form] = {}
        self.here: Form | None = None
        self.select = self.textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.here = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.here)
            self.by_id[given.get("id", "")] = self.here
        elif tag == "a":
            self.asked |= {name for name, _value in parse_qsl(urlsplit(given.get("href", "")).query)}
        form = self.by_id.get(given["form"]) if "form" in given else self.here
        if form is None:
            return
        if tag == "button" and "formaction" in given:
            form.deeds.append(given["formaction"])
        name = given.get("name")
        if name and tag in {"input", "select", "textarea"}:
            self.take(form, tag, name, given)
        elif tag == "option" and self.select and ("selected" in given or not form.data[self.select]):
            form.data[self.select] = [given.get("value", "")]

    def take(self, form: Form, tag: str, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        values = form.data.setdefault(name, [])
        if kind in FREE:
            form.free.append(name)
            values.append(given.get("value", ""))
            self.textarea = name if tag == "textarea" else ""
        elif kind == "file":
            form.files.append(name)
            del form.data[name]
        elif kind == "hidden":
            values.append(given.get("value", ""))
        elif kind in {"radio", "checkbox"}:
            form.chosen.append(name)
            if "checked" in given or (kind == "radio" and not values):
                form.data[name] = [given.get("value", "on")]
        elif kind == "select":
            form.chosen.append(name)
            self.select = name

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.here = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea and self.here:
            self.here.data[self.textarea] = [data]


def forms_of(html: str) -> Iterator[Form]:
    """The forms that change something."""
    return (form for form in Reader(html).forms if form.method == "post")


def asked_by(html: str) -> set[str]:
    """The names one may put into the page's query: of its GET forms and of its links."""
    reader = Reader(html)
    return reader.asked.union(*(form.names for form in reader.forms if form.method == "get"))

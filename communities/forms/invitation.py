"""A list of people to invite, pasted or uploaded in whatever shape it has: lines, columns, addresses as mail programs write them."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.actions.invitation import Line
from communities.models import Community
from munistem.commons.enums import Language
from munistem.commons.text.forms import ProseField
from munistem.commons.text.names import harmless, harmless_text

MOST_LINES = 300
LARGEST_FILE = 1_000_000
LONGEST_NAME = 120
LONGEST_LINE = 50_000
#: Begins where a word begins, so that a word without end takes time by its length and not by the square.
ADDRESS = re.compile(r"(?<![^\s<>()\[\]{},;:\"'|])[^\s<>()\[\]{},;:\"'|]+@[^\s<>()\[\]{},;:\"'|]+")
AROUND = " \t,;:|<>()[]{}\"'־–—-"
#: Words that head a column of addresses or of names, in what people export; in small letters, without marks.
MAIL_HEADS = ("mail", "דואל", "דואר אלקטרוני", "מייל", "אימייל", "כתובת", "بريد", "ايميل", "إيميل")
NAME_HEADS = ("name", "שם", "اسم", "الاسم")
FIRST_HEADS = ("first", "given", "פרטי", "الشخصي", "الأول")
LAST_HEADS = ("last", "family", "surname", "משפחה", "العائلة")
NO_NAME_HEADS = ("organi", "company", "ארגון", "רשות", "חברה", "מוסד", "مؤسسة", "منظمة", "سلطة")


def read_list(text: str) -> list[Line]:
    """The people of a list; a line without an address is kept as such, so that it can be shown."""
    lines = [harmless_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line.strip(AROUND)]
    found = columns(lines) if is_table(lines) else (pair for line in lines for pair in people_in(line))
    return [
        Line(number, email.lower(), name[:LONGEST_NAME], typed[:200])
        for number, (email, name, typed) in enumerate(found, start=1)
    ]


def harmless_line(line: str) -> str:
    """Without marks and odd white space, tabs kept: they part columns."""
    return "\t".join(harmless(cell) for cell in line[:LONGEST_LINE].split("\t"))


def people_in(line: str) -> Iterator[tuple[str, str, str]]:
    """Addresses of a line with the names before them, or after the only one: (address, name, what was typed)."""
    matches = list(ADDRESS.finditer(line))
    if not matches:
        yield "", "", line
    start = 0
    for match in matches:
        name = tidy(line[start : match.start()])
        if not name and len(matches) == 1:
            name = tidy(line[match.end() :])
        yield address_in(match.group()), name, line
        start = match.end()


def address_in(text: str) -> str:
    return text.strip(AROUND + ".").removeprefix("mailto:")


def tidy(text: str) -> str:
    return harmless(text.removesuffix("mailto:").strip(AROUND))


# Columns -------------------------------------------------------------------------------------------------


def delimiter_of(lines: list[str]) -> str:
    """What parts the columns: that of the head, a tab (copied from a table), or what the first lines have in common."""
    for mark in "\t;,":
        if mark in lines[0] and is_head(cells_of(lines[0], mark)):
            return mark
        counts = [line.count(mark) for line in lines[:5]]
        if min(counts) > 0 and (mark == "\t" or max(counts) == min(counts)):
            return mark
    return ""


def is_table(lines: list[str]) -> bool:
    """Whether lines are rows of columns: with a head, or with at most one address in a row and none in brackets."""
    if not lines or not delimiter_of(lines):
        return False
    return is_head(cells_of(lines[0], delimiter_of(lines))) or (
        "\t" in lines[0] and all(line.count("@") <= 1 for line in lines)
    )


def cells_of(line: str, mark: str) -> list[str]:
    return [harmless(cell) for cell in next(csv.reader([line], delimiter=mark))]


def small(cell: str) -> str:
    return re.sub(r"[\"'״׳.:*()_-]", "", cell).strip().lower()


def names_a(cell: str, words: Iterable[str]) -> bool:
    return any(word in small(cell) for word in words)


def is_head(cells: list[str]) -> bool:
    return not any("@" in cell for cell in cells) and any(names_a(cell, MAIL_HEADS) for cell in cells)


def columns(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    mark = delimiter_of(lines)
    rows = [cells_of(line, mark) for line in lines]
    head = rows.pop(0) if is_head(rows[0]) else []
    where = name_columns(head)
    for cells in rows:
        typed = " · ".join(cell for cell in cells if cell)
        match = next((found for cell in cells if (found := ADDRESS.search(cell))), None)
        if match is None:
            yield "", "", typed
            continue
        named = [cells[place] for place in where if place < len(cells)]
        loose = (
            [] if head else [cell for cell in cells if cell and "@" not in cell and not cell.isdigit()][:1]
        )
        yield address_in(match.group()), tidy(" ".join(named or loose)), typed


def name_columns(head: list[str]) -> list[int]:
    """Places of the columns that make a name: the whole one, or first and last."""
    first = [place for place, cell in enumerate(head) if names_a(cell, FIRST_HEADS)]
    last = [place for place, cell in enumerate(head) if names_a(cell, LAST_HEADS)]
    if first and last:
        return [first[0], last[0]]
    left_out = (*MAIL_HEADS, *NO_NAME_HEADS)
    whole = [
        place for place, cell in enumerate(head) if names_a(cell, NAME_HEADS) and not names_a(cell, left_out)
    ]
    return [*whole, *first, *last][:1]


# Files ---------------------------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """Text of a file as spreadsheets write it: Unicode, else the old Hebrew or Arabic code page of Windows."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        low = sum(0xC0 <= byte <= 0xDF for byte in content)  # letters in Arabic, hardly used points in Hebrew
        high = sum(0xE0 <= byte <= 0xFA for byte in content)
        return content.decode("cp1256" if low > high / 4 else "cp1255", errors="replace")


class InviteListForm(forms.Form):
    """Whom to invite, and the words that go with it."""

    people = forms.CharField(
        label=_("People to invite"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=_(
            "One in a line: an address, or a name and an address. Columns copied from a spreadsheet are fine too."
        ),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("CSV as spreadsheets save it; a first line with titles helps."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    text = ProseField(
        label=_("A few words of yours"),
        max_length=1_500,
        required=False,
        help_text=_("They stand in each letter, with your name. Why these people, and why now?"),
    )
    language = forms.ChoiceField(
        label=_("Language of the letter"),
        choices=Language.choices,
        help_text=_("For people who are new to the network; the others get it in their own."),
    )

    def __init__(self, *args: Any, community: Community, **options: Any):
        super().__init__(*args, initial={"language": community.language}, **options)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large for a list. Save only the columns needed."))
        content = file.read()
        if (b"\x00" in content[:2000] and content[:2] not in {b"\xff\xfe", b"\xfe\xff"}) or content[
            :2
        ] == b"PK":
            raise forms.ValidationError(
                _("This is not a text file. In the spreadsheet choose “Save as”, then CSV, or copy the cells into the field above."),
                code="not_text",
            )  # fmt: skip
        return decoded(content).replace("\x00", "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "file" not in self.errors:
            data["lines"] = self.read(data.get("people", ""), data.get("file", ""))
            data["people"] = harmless_text("\n".join(written(line) for line in data["lines"]))
        return data

    def read(self, *texts: str) -> list[Line]:
        """The people of all texts together, numbered through."""
        found = [line for text in texts for line in read_list(text)]
        lines = [replace(line, number=number) for number, line in enumerate(found, start=1)]
        if not lines:
            self.add_error("people", _("Write or paste at least one address."))
        if len(lines) > MOST_LINES:
            self.add_error(
                "people",
                forms.ValidationError(
                    _("This list has %(count)d lines. Invite at most %(most)d at a time."),
                    code="too_many",
                    params={"count": len(lines), "most": MOST_LINES},
                ),
            )
        return lines


def written(line: Line) -> str:
    """A line as it is carried from the look at the list to the sending."""
    if not line.email:
        return line.typed
    return f"{line.name} <{line.email}>" if line.name else line.email

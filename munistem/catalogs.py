"""The catalogues of words, without gettext's programs: extracted, checked and compiled in Python.

`python -m munistem.catalogs extract` brings locale/*/LC_MESSAGES/django.po up to the code (`make words`);
`… compile` writes the .mo files that Django reads; `… check` says what is missing or wrong.
"""

import os
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polib
import yaml

BASE = Path(__file__).resolve().parent.parent
LOCALE = BASE / "locale"
PLURALS = {
    "he": "nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}
# A word of a package that our catalogue says better is kept though our own code does not hold it.
BORROWED = "borrowed"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}|(?<!%)%[sd]")
Key = tuple[str | None, str, str | None]  # context, words, words for many


def catalogue(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def sources() -> Iterator[Path]:
    """Python modules and templates whose words readers see."""
    for room in ("munistem", "members", "communities", "knowledge", "policy"):
        for path in sorted((BASE / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    yield from sorted(
        path for path in (BASE / "templates").rglob("*") if path.suffix in {".html", ".txt", ".mjml"}
    )


def words() -> dict[Key, dict]:
    """Every translatable sentence of the code with the files it stands in and the notes for translators."""
    from babel.messages.extract import extract
    from django.utils.translation import templatize

    found: dict[Key, dict] = {}
    for path in sources():
        name, text = str(path.relative_to(BASE)), path.read_text()
        if path.suffix != ".py":
            # now words in the manner of Python, without its blocks
            text = INDENT.sub("", templatize(text, origin=name))
        elif "gettext" not in text:
            continue
        stream = BytesIO(text.encode())
        for _line, message, notes, context in extract(
            "python", stream, KEYWORDS, comment_tags=["Translators"], options={"encoding": "utf-8"}
        ):
            one, many = message if isinstance(message, tuple) else (message, None)
            if one:
                entry = found.setdefault((context, one, many), {"files": [], "notes": []})
                entry["files"] += [name] if name not in entry["files"] else []
                entry["notes"] += [note for note in notes if note not in entry["notes"]]
    for name, sentence in sentences():
        found.setdefault((None, sentence, None), {"files": [], "notes": []})["files"].append(name)
    return found


def sentences() -> Iterator[tuple[str, str]]:
    """Words that stand in no code: how long things are kept, as the privacy page says it."""
    path = BASE / "docs" / "retention.yaml"
    for rule in yaml.safe_load(path.read_text())["rules"].values():
        yield from ((str(path.relative_to(BASE)), rule[part]) for part in ("what", "why", "kept"))


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or None


def texts_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def extract_all() -> None:
    """Bring both catalogues up to the code: new words empty, words gone out of use dropped, the rest kept."""
    found = words()
    for language, plurals in PLURALS.items():
        path = catalogue(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        old = polib.pofile(str(path)) if path.exists() else polib.POFile()
        known = {key_of(entry): entry for entry in old if not entry.obsolete}
        new = polib.POFile(wrapwidth=110)
        new.metadata = {
            "Project-Id-Version": "muniSTEM",
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plurals,
        }
        for (context, one, many), seen in found.items():
            entry = known.pop((context, one, many), None) or empty(language, context, one, many)
            entry.occurrences = [(name, "") for name in seen["files"]]
            entry.comment = "\n".join(seen["notes"])
            entry.flags = [flag for flag in entry.flags if flag == "fuzzy"]
            new.append(entry)
        for entry in known.values():
            if entry.tcomment.startswith(BORROWED):
                new.append(entry)
        new.save(str(path))
        waiting = len([entry for entry in new if not all(texts_of(entry))])
        print(f"{language}: {len(new)} entries, {waiting} without words")


def empty(language: str, context: str | None, one: str, many: str | None) -> polib.POEntry:
    if many is None:
        return polib.POEntry(msgctxt=context, msgid=one)
    forms = int(PLURALS[language].split("=")[1].split(";")[0])
    return polib.POEntry(
        msgctxt=context, msgid=one, msgid_plural=many, msgstr_plural=dict.fromkeys(range(forms), "")
    )


def compile_all() -> None:
    """Write the .mo beside each .po that is newer than it; Django, which may have begun without, reads it anew."""
    from django.utils.translation.reloader import translation_file_changed

    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            draft = target.with_suffix(f".{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(draft))
            draft.replace(target)
            translation_file_changed(None, target)


def faults() -> Iterator[str]:
    """What is missing or wrong in the catalogues, one sentence each."""
    found = words()
    for language, plurals in PLURALS.items():
        path = catalogue(language)
        if not path.exists():
            yield f"{language}: no catalogue; make words writes one"
            continue
        catalog = polib.pofile(str(path))
        entries = {key_of(entry): entry for entry in catalog if not entry.obsolete}
        if catalog.metadata.get("Plural-Forms") != plurals:
            yield f"{language}: Plural-Forms should be {plurals}"
        for key in found.keys() - entries.keys():
            yield f"{language}: not in the catalogue (make words): {key[1]!r} in {found[key]['files'][0]}"
        for key, entry in entries.items():
            if key not in found and not entry.tcomment.startswith(BORROWED):
                yield f"{language}: out of use (make words): {entry.msgid!r}"
            yield from (f"{language}: {fault}: {entry.msgid!r}" for fault in faults_of(entry))


def faults_of(entry: polib.POEntry) -> Iterator[str]:
    if "fuzzy" in entry.flags:
        yield "marked fuzzy"
    if not all(texts_of(entry)):
        yield "not translated"
        return
    allowed = placeholders(entry.msgid) | placeholders(entry.msgid_plural or "")
    for text in texts_of(entry):
        used = placeholders(text)
        # a form for one or two may say the number as a word; nothing may be invented
        lost = set() if entry.msgid_plural else allowed - used
        if lost or used - allowed:
            yield f"placeholders differ ({', '.join(sorted(lost | (used - allowed)))}) in {text!r}"
    if entry.msgid.startswith("\n") != texts_of(entry)[0].startswith("\n"):
        yield "begins differently with a new line"


def placeholders(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def main(verb: str) -> None:
    if verb == "extract":
        extract_all()
    elif verb == "compile":
        compile_all()
    else:
        wrong = sorted(faults())
        print(*wrong[:60], *([f"… and {len(wrong) - 60} more"] if len(wrong) > 60 else []), sep="\n")
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "check")

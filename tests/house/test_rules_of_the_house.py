"""House rules that a linter does not know. Each failure names the place and, where it is not plain, the way out."""

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template import Context, Template, engines
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from tests.conftest import UndefinedVariable, origin_of_caller

BASE = Path(settings.BASE_DIR)
ROOMS = ("members", "communities", "knowledge", "policy")
MODULES = {"enums", "models", "rules", "emails", "tasks", "actions", "forms", "views", "admin", "feeds"}
MODULES |= {"management", "templatetags", "urls", "apps", "migrations", "data", "__init__"}
# allauth's doors open on the porch: its adapters know both people and letters; so does the API, which shows all rooms
FRONT = MODULES - {"models", "migrations"} | {"adapters", "api"}
DRAWERS = {"utils", "util", "helpers", "helper", "services", "misc", "common", "core", "lib", "tools"}
TEMPLATES = sorted(
    path for path in (BASE / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml"}
)
STYLES = sorted((BASE / "static" / "css").rglob("*.css"))


def modules() -> Iterator[Path]:
    """Python files of the product, migrations excepted."""
    for room in (*ROOMS, "munistem"):
        yield from (path for path in sorted((BASE / room).rglob("*.py")) if "migrations" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


# Rooms and their modules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [*ROOMS, "munistem/front"])
def test_room_holds_only_modules_of_the_list(room):
    allowed = FRONT if room == "munistem/front" else MODULES
    found = {path.stem for path in (BASE / room).iterdir() if path.name != "__pycache__"}
    assert found - allowed == set()


def test_there_is_no_drawer():
    assert [
        name(path) for path in modules() if DRAWERS & {path.stem, *path.relative_to(BASE).parts[:-1]}
    ] == []


def test_no_module_is_longer_than_400_lines():
    long = {name(path): lines for path in modules() if (lines := path.read_text().count("\n")) > 400}
    assert long == {}, "make it a package of the same name, cut by noun or verb"


def test_no_view_is_longer_than_25_lines():
    long = []
    for path in modules():
        if "views" not in (path.stem, path.parent.name):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (lines := node.end_lineno - node.lineno + 1) > 25:
                long.append(f"{name(path)}: {node.name} ({lines})")
    assert long == []


def views(resolver=None) -> Iterator:
    """Every view of ours that an address leads to."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        elif isinstance(pattern, URLPattern):
            view = inspect.unwrap(pattern.callback)
            if view.__module__.split(".")[0] in (*ROOMS, "munistem"):
                yield view


def test_every_view_says_which_methods_it_answers():
    open_ = {f"{view.__module__}.{view.__qualname__}" for view in views() if not says_methods(view)}
    assert open_ == set(), "add @require_safe, @require_POST or @require_http_methods"


def says_methods(view) -> bool:
    if not inspect.isfunction(view):
        return True
    lines, _ = inspect.getsourcelines(view)
    head = "".join(
        lines[: next(n for n, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def ")))]
    )
    return "@require_" in head


def test_makefile_has_at_most_twelve_one_line_targets():
    lines = (BASE / "Makefile").read_text().splitlines()
    assert (
        len([line for line in lines if re.match(r"[\w.-]+:[^=]", line) and not line.startswith(".PHONY")])
        <= 12
    )
    assert not any(line.startswith("\t") for line in lines)


# Models --------------------------------------------------------------------------------------------------


def our_fields() -> Iterator[models.Field]:
    for model in apps.get_models():
        if model.__module__.split(".")[0] in (*ROOMS, "munistem"):
            yield from model._meta.local_fields
            yield from model._meta.local_many_to_many


def test_every_key_to_a_file_is_protected():
    loose = [
        str(field)
        for field in our_fields()
        if field.is_relation and getattr(field.related_model, "__name__", "") == "StoredFile"
        if not field.many_to_many and field.remote_field.on_delete is not models.PROTECT
    ]
    assert loose == []


def test_every_relation_is_named_from_the_other_side():
    unnamed = [
        str(field)
        for field in our_fields()
        if field.is_relation
        and field.remote_field
        and field.related_model
        and field.remote_field.related_name is None
        if not getattr(field.remote_field, "parent_link", False)
    ]
    assert unnamed == []


# Templates, styles, scripts ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_can_be_read(path):
    get_template(str(path.relative_to(BASE / "templates")))


def test_templates_hold_no_inline_code():
    """The content security policy refuses scripts, styles and handlers inside a page; letters may style inline."""
    forbidden = re.compile(
        r"""<script(?![^>]*\bsrc=)(?![^>]*type=["']application/(?:ld\+)?json)|<style|\sstyle\s*=\s*["']|\son\w+\s*=\s*["']|javascript:""",
        re.IGNORECASE,
    )
    found = []
    for path in TEMPLATES:
        if path.suffix == ".html" and not {"mail", "email", "emails", "letters"} & set(path.parts):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if forbidden.search(line) and "{% media_with_nonce" not in line and "json_script" not in line:
                    found.append(f"{name(path)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_styles_are_logical():
    """One sheet serves both directions: start and end instead of left and right, block and inline instead of axes."""
    sides = re.compile(
        r"""(?<![\w-])(?:
            (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)\b
            |(?:left|right|top|bottom)\s*:
            |(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right)\b
            |border-(?:top|bottom)-(?:left|right)-radius
            |(?:min-|max-)?(?:width|height)\s*:(?!\s*none)
        )""",
        re.VERBOSE,
    )
    found = []
    for path in STYLES:
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
            rule = re.sub(r"\([^()]*\)", "", line)  # (min-width: 40em) of a media query is about the screen
            if sides.search(rule):
                found.append(f"{name(path)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_scripts_write_no_styles_into_pages():
    found = [
        f"{name(path)}:{number}"
        for path in sorted((BASE / "static" / "js").rglob("*.js"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\beval\(|new Function\(|\.setAttribute\(\s*[\"']style|document\.write", line)
    ]
    assert found == []


def test_undefined_variable_fails_in_templates_of_ours():
    ours = get_template(str(TEMPLATES[0].relative_to(BASE / "templates"))).template.origin
    template = Template("{{ nobody }}", origin=ours, engine=engines["django"].engine)
    with pytest.raises(UndefinedVariable, match="nobody"):
        template.render(Context())
    assert Template("{{ nobody }}").render(Context()) == ""
    assert origin_of_caller() == ""


# The repository ------------------------------------------------------------------------------------------


def files() -> list[Path]:
    """What belongs to the repository (all text files when this is no checkout)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for part in listed.stdout.split("\0") if part and (path := BASE / part).is_file()]
    hidden = {".local", ".git", ".venv", "__pycache__"}
    return [path for path in BASE.rglob("*") if path.is_file() and not hidden & set(path.parts)]


def test_each_class_is_begun_in_one_style_sheet():
    """Two parts that call different things by one name draw over each other without anybody noticing."""
    begun: dict[str, set[str]] = {}
    for path in sorted((BASE / "static" / "css" / "components").glob("*.css")):
        for name in re.findall(r"(?m)^\.([a-z][a-z0-9_-]*) \{", path.read_text()):
            begun.setdefault(name, set()).add(path.name)
    assert {name: files for name, files in begun.items() if len(files) > 1} == {}


def test_each_decision_has_a_number_of_its_own():
    files = sorted((BASE / "docs" / "decisions").glob("0*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert all(path.read_text().startswith(f"# {path.name[:4]} ") for path in files)


def test_repository_names_no_machine_and_no_registry():
    """Lists install from whatever registry the machine is set up for; nobody's directories are anybody's business."""
    places = re.compile(
        rb"/wor" rb"k/|/roo" rb"t/|/hom" rb"e/\w|/op" rb"t/(?:pypi|wheels)|/tm" rb"p/pg-|file:" rb"//"
    )
    hosts = re.compile(
        rb"pypi\.or" rb"g|pythonhosted\.or" rb"g|index-ur" rb"l|find-link" rb"s|localhost:\d{4}/simple"
    )
    found = []
    for path in files():
        if path.suffix in {".woff2", ".ttf", ".png", ".jpg", ".pdf", ".docx", ".webp", ".mo"}:
            continue
        text = path.read_bytes()
        if places.search(text) or (path.suffix != ".md" and path.name != "checks.py" and hosts.search(text)):
            found.append(name(path))
    assert found == []

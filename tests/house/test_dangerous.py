"""Means that are dangerous in careless hands stand only where a reason is written down here; some stand nowhere at all.

What bandit asks is asked by ruff (its S rules, see pyproject.toml); these are the questions of our own. A new place fails: write
it another way, or add it here with the sentence that makes a reader believe it.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from munistem import licences
from tests.house.test_rules_of_the_house import BASE, TEMPLATES, modules, name

#: HTML that is not escaped once more.
UNESCAPED = {
    "communities/actions/consultation.py": "linebreaks escapes the text of the case first",
    "communities/views/consulting.py": "a fixed attribute after attributes of ours",
    "communities/views/thread.py": "fixed attributes and the number of a post",
    "knowledge/actions/linked.py": "JSON whose <, > and & are written as escapes",
    "knowledge/forms/offer.py": "text_of escapes the question; the answer was cleaned when it was written",
    "knowledge/forms/start.py": "linebreaks escapes the approved text first",
    "knowledge/views/harvest.py": "element escapes every string that is put into it",
    "members/templatetags/land.py": "numbers of the outline of the country",
    "munistem/commons/search/passages.py": "every piece is escaped before the marks are set between them",
    "munistem/commons/templatetags/furniture.py": "our own drawings; rich text only after it was cleaned",
    "munistem/commons/templatetags/kept.py": "what a template printed, with the token of the answer put in",
    "policy/templatetags/adoption.py": "heads and marks are escaped, the rest are numbers",
}
#: Templates that write text as it is.
UNESCAPED_IN_TEMPLATES = {
    "account/email/base_message.txt": "a letter in plain text",
    "email/letter.txt": "a letter in plain text",
    "django/forms/field.html": "hints of fields are sentences of ours, some with a link",
}
#: Forms taken without the token of a page of ours.
WITHOUT_TOKEN = {
    "communities/views/invitation.py": "the key in the address is what counts; mail programs send it without cookies",
    "knowledge/views/harvest.py": "it only reads; the protocol lets harvesters post",
    "munistem/front/views/incoming.py": "services have no cookie; the secret in the address is the key",
    "munistem/front/views/notices.py": "the one-click request of RFC 8058 comes without cookies; the token is the key",
}
#: Statements that are put together; values of people always go beside them, as parameters.
JOINED_SQL = {
    "knowledge/actions/counting.py": "the name of a table of ours",
    "munistem/backup/database.py": "names of tables, constraints and triggers as the database itself tells them",
    "munistem/commons/guards/limits.py": "the name of a table of ours",
    "munistem/commons/ready.py": "statements of the query builder; only whole numbers and hours are filled in",
    "munistem/commons/search/candidates.py": "statements of the query builder, one beside the other",
    "munistem/commons/search/unanswered/actions.py": "the name of a table of ours",
    "munistem/front/management/commands/migrate.py": "a time of ours",
    "munistem/front/management/commands/serve.py": "names of roles and databases of ours",
    "policy/models/funding.py": "statements of the query builder and names of tables of ours",
    "policy/models/nation.py": "a statement of the query builder",
}
#: Who starts other programs; always by a list of words, never through a shell.
PROGRAMS = {
    "munistem/bootstrap.py": "makes the environment and becomes what was asked for",
    "munistem/checks.py": "the checks of developers",
    "munistem/commons/files/extraction.py": "the limited child that opens files of people",
    "munistem/commons/pdf/setting.py": "the limited child that sets paper",
    "munistem/front/management/commands/serve.py": "the service and its worker",
    "munistem/pgdev.py": "the embedded database, for trial and tests",
}
#: Who opens connections beside those to the database, the cache and the mail server.
LINES = {
    "munistem/commons/files/bucket.py": "knows the faults of the line to the bucket that the settings name",
    "munistem/commons/files/s3.py": "files lie in the bucket that the settings name",
    "munistem/commons/files/scanning.py": "the worker asks the virus scanner that the settings name",
    "munistem/commons/links/net.py": "the worker looks at pages that people link to, at public addresses only",
    "munistem/commons/mail/imap.py": "a command of its own fetches mail",
    "munistem/front/management/commands/serve.py": "asks whether a port is free",
    "munistem/pgdev.py": "asks whether the embedded database listens",
    "munistem/refusals.py": "answers on the line of a request that the web service could not read",
    "munistem/replica/base.py": "hangs up a line to the replica that hangs",
}

#: What ``is_forbidden`` finds and is harmless all the same.
FORBIDDEN = {
    "policy/views/nation.py": "sums of ours in the shared cache, which pickles by itself what it is given"
}

Tree = ast.AST
STATEMENT = re.compile(
    r"\s*(select\b.+\bfrom|alter table|drop\b|truncate|insert into|update\b.+\bset|delete from|with\b.+\bas\b)\b",
    re.I | re.S,
)


def called(node: Tree) -> str:
    """``a.b.c`` of a call; "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return ast.unparse(node.func)


def is_unescaped(node: Tree) -> bool:
    return called(node).rpartition(".")[2] in {"mark_safe", "SafeString", "SafeText"}


def is_without_token(node: Tree) -> bool:
    return isinstance(node, ast.Name) and node.id == "csrf_exempt"


def is_joined_sql(node: Tree) -> bool:
    """A statement that is not written down whole: joined, formatted, or the raw doors of the query builder."""
    if isinstance(node, ast.JoinedStr):
        return bool(
            STATEMENT.match("".join(part.value for part in node.values if isinstance(part, ast.Constant)))
        )
    verb = called(node).rpartition(".")[2]
    if verb in {"RawSQL", "extra", "raw"}:
        return True
    if verb not in {"execute", "executemany"} or not isinstance(node, ast.Call) or not node.args:
        return False
    statement = node.args[0]
    if isinstance(statement, ast.Call) and called(statement).endswith(".format"):
        return not called(statement).startswith("sql.SQL")  # psycopg quotes what it puts in
    return not isinstance(
        statement, ast.Constant | ast.Name | ast.Attribute | ast.Call
    )  # a name: where it is made


def is_program(node: Tree) -> bool:
    return bool(
        re.match(r"(subprocess\.(run|call|Popen|check_\w+)|os\.(exec|spawn|posix_spawn))", called(node))
    )


def is_line(node: Tree) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(re.match(r"(socket|http\.client|urllib\.request|urllib3|requests|httpx|imaplib|ftplib|telnetlib)\b", one) for one in names)  # fmt: skip


def is_forbidden(node: Tree) -> bool:
    """What no place may have: code from text, objects from bytes, a shell, formatting into HTML before it is escaped."""
    what = called(node)
    if re.match(r"(eval|exec|compile|__import__|pickle\.\w+|marshal\.\w+|shelve\.\w+|yaml\.(load|unsafe_load)|os\.(system|popen))$", what):  # fmt: skip
        return True
    if not isinstance(node, ast.Call):
        return False
    if any(
        word.arg in {"shell", "verify"} and ast.unparse(word.value) == str(word.arg == "shell")
        for word in node.keywords
    ):
        return True
    first = node.args[0] if node.args else None
    return what.endswith("format_html") and isinstance(first, ast.JoinedStr | ast.BinOp | ast.Call)


@cache
def trees() -> dict[str, list[Tree]]:
    """Module → its nodes; all modules are asked the same questions."""
    return {name(path): list(ast.walk(ast.parse(path.read_text()))) for path in modules()}


def places(is_so: Callable[[Tree], bool]) -> Iterator[str]:
    return (module for module, nodes in trees().items() if any(map(is_so, nodes)))


@pytest.mark.parametrize(
    ("is_so", "explained"),
    [
        (is_unescaped, UNESCAPED),
        (is_without_token, WITHOUT_TOKEN),
        (is_joined_sql, JOINED_SQL),
        (is_program, PROGRAMS),
        (is_line, LINES),
        (is_forbidden, FORBIDDEN),
    ],
    ids=["unescaped", "without token", "joined SQL", "programs", "lines", "forbidden"],
)
def test_dangerous_means_stand_where_a_reason_is_written_down(is_so, explained):
    assert set(places(is_so)) == set(explained)


def test_templates_write_text_as_it_is_where_a_reason_is_written_down():
    found = {
        str(path.relative_to(BASE / "templates"))
        for path in TEMPLATES
        if re.search(r"\|\s*(safe|safeseq)\b|autoescape off", path.read_text())
    }
    assert found == set(UNESCAPED_IN_TEMPLATES)


def test_hints_of_fields_are_sentences_of_ours():
    """They are written as they are: nothing that people wrote may stand in one."""
    spoken = [
        f"{module}:{node.value.lineno}"
        for module, nodes in trees().items()
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg == "help_text"
        if isinstance(node.value, ast.JoinedStr | ast.BinOp)
    ]
    assert spoken == []


@pytest.mark.parametrize(
    ("said", "is_fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND MPL-2.0", False),
        ("LGPL-3.0-only", False),
        ("", False),
        ("dependency licenses", False),
    ],
)
def test_licences_are_judged_by_all_they_ask(said, is_fine):
    assert licences.is_permissive(said) == is_fine


def test_every_reason_for_a_licence_belongs_to_a_package_in_use():
    assert set(licences.EXPLAINED) <= set(licences.locked())


def test_what_is_asked_here_is_found_when_it_is_there():
    """The questions themselves: each finds the careless line and leaves the careful one."""
    careless = {
        is_unescaped: "mark_safe(text)",
        is_without_token: "csrf_exempt(view)",
        is_joined_sql: 'cursor.execute(f"select {name}")',
        is_program: 'subprocess.run(["ls"])',
        is_line: "import http.client",
        is_forbidden: 'format_html(f"<b>{name}</b>")',
    }
    for is_so, line in careless.items():
        assert any(map(is_so, ast.walk(ast.parse(line)))), line
    for line in (
        'format_html("<b>{}</b>", name)',
        'cursor.execute("select %s", [name])',
        "cursor.execute(COUNT, [1])",
    ):
        assert not any(is_so(node) for is_so in careless for node in ast.walk(ast.parse(line))), line
    assert Path(BASE, "docs", "licences.md").exists()

import re
from typing import Any

from django.utils.text import slugify

from munistem.commons.text.names import harmless


def free_slug(model: Any, title: str, longest: int = 60) -> str:
    """A slug of the title in its own script that no row of the model has yet."""
    base = re.sub(r"-+", "-", slugify(harmless(title), allow_unicode=True))[:longest].strip("-_") or "x"
    taken = set(model._base_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)

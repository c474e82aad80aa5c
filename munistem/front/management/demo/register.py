"""Local authorities beyond those of the register, for measuring only."""

from members.models import LocalAuthority
from munistem.front.management.demo.pouring import pour

#: Far from every number of the register.
FIRST_CODE = 9_000_000
MARK = "(הדגמה)"


def more_authorities(wanted: int) -> None:
    """Make up authorities until there are so many: copies of the register's, plainly named as made up."""
    rows = list(LocalAuthority.objects.filter(pk__lt=FIRST_CODE).defer("search_vector").order_by("pk"))
    standing = LocalAuthority.objects.count()
    fields = [field for field in LocalAuthority._meta.concrete_fields if not field.name.startswith("search_")]
    made = []
    for number in range(standing - len(rows), max(0, wanted - len(rows))):
        model = rows[number % len(rows)]
        copy = LocalAuthority(**{field.attname: getattr(model, field.attname) for field in fields})
        copy.cbs_code = FIRST_CODE + number
        copy.name_he, copy.name_ar = f"{model.name_he} {number} {MARK}", ""
        copy.name_en = f"{model.name_en} {number} (demo)" if model.name_en else ""
        made.append(copy)
    pour(made)

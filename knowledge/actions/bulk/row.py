"""A row of items as it was understood, with the files it names."""

from dataclasses import dataclass, field

from munistem.commons.tables import rows


@dataclass
class Row(rows.Row):
    """files: names within the archive; names: name within the archive → as the row writes it."""

    files: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

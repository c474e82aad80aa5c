"""Names of migrations from before the first release, when each room had many: trial databases and sets keep them.

On the day when the first portal has people in it this module may go.
"""

#: The last one of each room: whoever had these all had the very tables that the first ones make now.
FORMER = (
    ("commons", "0014_office_files_are_drawn"),
    ("communities", "0016_search_editions"),
    ("knowledge", "0021_facets_of_audience_and_licence"),
    ("members", "0008_holders_of_the_role"),
    ("policy", "0020_sittings_at_meetings"),
)
PRESENT = (
    ("commons", "0001_initial"),
    ("commons", "0002_initial"),
    ("communities", "0001_initial"),
    ("communities", "0002_initial"),
    ("communities", "0003_lock_approved_minutes"),
    ("knowledge", "0001_initial"),
    ("knowledge", "0002_initial"),
    ("knowledge", "0003_lock_published_revisions"),
    ("members", "0001_initial"),
    ("policy", "0001_initial"),
    ("policy", "0002_lock_what_was_said"),
)


def present_names(applied: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same state in today's names; what is of today already, or was never finished, is left as it is."""
    if not set(FORMER) <= set(applied):
        return applied
    rooms = {room for room, _name in FORMER}
    return [*PRESENT, *(row for row in applied if row[0] not in rooms)]

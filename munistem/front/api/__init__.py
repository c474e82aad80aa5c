"""Read-only JSON at /api/v1/ for other programs: the same things as the pages, to the same people, and no persons."""

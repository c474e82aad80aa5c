from procrastinate.contrib.django import app

from munistem.commons.hooks import Hook

READ_PROGRAMMES, FILL_PROGRAMMES = Hook(), Hook()


@app.task(name="policy.read_programmes", retry=2)
def read_programmes(key: int) -> None:
    """Read a table of programmes."""
    READ_PROGRAMMES(key)


@app.task(name="policy.fill_programmes", retry=5)
def fill_programmes(key: int) -> None:
    """Take in the next rows of a table of programmes."""
    FILL_PROGRAMMES(key)

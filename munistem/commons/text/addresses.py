from urllib.parse import urlsplit


def path_of(typed: str) -> str:
    """The path of an address that somebody pasted, "" when it only looks like one (``http://[``)."""
    try:
        return urlsplit(typed).path
    except ValueError:
        return ""

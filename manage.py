#!/usr/bin/env python3
"""The portal's commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "munistem.settings")
    if sys.argv[1:2] == ["serve"] and not os.environ.get("SECRET_KEY"):  # then it can only be a trial
        os.environ.setdefault("DEBUG", "1")
        os.environ.setdefault("DEMO", "0" if "--no-demo" in sys.argv else "1")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

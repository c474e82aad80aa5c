"""The child's door, run by its path: an isolated Python (-I) finds this package only when told where it stands."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from child.answer import main

sys.path.pop(0)  # the portal's own modules stay out of reach
sys.exit(main(*sys.argv[1:]))

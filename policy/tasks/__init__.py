"""What the worker does for the room; each task takes keys and calls deeds that were registered for it."""

from policy.tasks import importing as importing

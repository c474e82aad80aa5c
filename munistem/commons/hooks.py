"""How tasks call what stands above them: deeds are handed down to a hook once, by ``apps.ready``."""

from collections.abc import Callable

Deed = Callable[..., object]


class Hook:
    """Deeds that are done whenever the hook is called; each must be harmless when done again."""

    def __init__(self, *deeds: Deed):
        self.deeds: list[Deed] = []
        self.register(*deeds)

    def register(self, *deeds: Deed) -> None:
        """Hand deeds down; one that is known already stays where it is."""
        self.deeds += [deed for deed in deeds if deed not in self.deeds]

    def __contains__(self, deed: Deed) -> bool:
        return deed in self.deeds

    def __call__(self, *values: object) -> None:
        """Do all deeds with these values. One that fails keeps no other from being done.

        Raises the error of a deed that is the only one, else an ExceptionGroup of all errors.
        """
        if len(self.deeds) == 1:
            self.deeds[0](*values)
            return
        failed = []
        for deed in self.deeds:
            try:
                deed(*values)
            except Exception as error:  # noqa: BLE001 – told below, once the others are done
                failed.append(error)
        if failed:
            raise ExceptionGroup("Not all could be done", failed)

"""What is wrong with a deadline, where, in French."""

from portal.domain.kernel.french import NBSP, typography


class InvalidDeadline(ValueError):
    """A deadline that cannot be read or makes no sense.

    `path` locates the mistake in the data (“rules[1].hour”), empty for the whole; `reason` is a complete
    French sentence that says what to write instead.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = typography(reason)

    def __str__(self) -> str:
        return f"{self.path}{NBSP}: {self.reason}" if self.path else self.reason

    def under(self, prefix: str) -> "InvalidDeadline":
        """The same mistake seen from the outside: `prefix` comes before its path."""
        if not prefix:
            return self
        if not self.path:
            return InvalidDeadline(prefix, self.reason)
        joint = "" if self.path.startswith("[") else "."
        return InvalidDeadline(f"{prefix}{joint}{self.path}", self.reason)

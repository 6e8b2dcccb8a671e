"""What is wrong with a deadline, where, in French."""

from portal.domain.kernel.structured import InvalidData


class InvalidDeadline(InvalidData):
    """A deadline that cannot be read or makes no sense."""

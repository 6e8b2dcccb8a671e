"""Why a file is not taken."""


class FileRefused(Exception):
    """The reason, a sentence ready to show that says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

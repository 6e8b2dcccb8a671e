from django.db import models


class AlertLevel(models.TextChoices):
    """How grave what stands on top of every page is."""

    INFORMATION = "information", "information"
    ATTENTION = "attention", "attention"
    BLOCKING = "blocking", "bloquant"


#: The gravest first, with the kind of components/notice.html that draws it.
GRAVITY: dict[str, str] = {
    AlertLevel.BLOCKING: "bad",
    AlertLevel.ATTENTION: "wait",
    AlertLevel.INFORMATION: "",
}

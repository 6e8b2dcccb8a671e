from django.db import models
from django.utils.translation import gettext_lazy as _


class ChildNames(models.TextChoices):
    """How an agenda names the children: it may be shown on a shared screen."""

    FIRST_NAME = "first_name", _("par leur prénom")
    INITIAL = "initial", _("par leur initiale")

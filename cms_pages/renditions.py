"""Pictures made for the pages: the temporary file of each is closed as soon as it is stored."""

from typing import Any

from django.db.models.signals import post_save, pre_save
from wagtail.images import get_image_model


def connect() -> None:
    """Wagtail leaves the file open until Python collects it; a page of twenty pictures would hold twenty."""
    renditions = get_image_model().get_rendition_model()
    pre_save.connect(_remember, sender=renditions, dispatch_uid="cms_pages.renditions.remember")
    post_save.connect(_close, sender=renditions, dispatch_uid="cms_pages.renditions.close")


def _remember(instance: Any, **kwargs: Any) -> None:
    # Once stored, the instance knows the file by its name only.
    if instance._state.adding and instance.file:
        instance.made_in = instance.file.file


def _close(instance: Any, created: bool, **kwargs: Any) -> None:
    made_in = instance.__dict__.pop("made_in", None)
    if created and made_in is not None:
        made_in.close()

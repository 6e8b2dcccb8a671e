"""The verbs of the health sheet, one file per concept."""

from portal.domain.health.documents import (
    AlreadyDecided,
    accept_health_document,
    ask_again_health_document,
    attach_health_document,
    erase_documents,
    refuse_health_document,
    remove_health_document,
)
from portal.domain.health.readings import read_document, read_sheet
from portal.domain.health.sheets import (
    SheetIncomplete,
    SheetRefused,
    confirm_health_sheet,
    copy_doctor,
    fill_health_sheet,
    save_health_section,
)
from portal.domain.health.vaccination import VaccinesRefused, record_vaccines

__all__ = [
    "AlreadyDecided",
    "SheetIncomplete",
    "SheetRefused",
    "VaccinesRefused",
    "accept_health_document",
    "ask_again_health_document",
    "attach_health_document",
    "confirm_health_sheet",
    "copy_doctor",
    "erase_documents",
    "fill_health_sheet",
    "read_document",
    "read_sheet",
    "record_vaccines",
    "refuse_health_document",
    "remove_health_document",
    "save_health_section",
]

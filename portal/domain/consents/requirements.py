"""What a dossier must hold: an answer, yes or no, to each compulsory authorisation (guide 000, D11)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.domain.consents.queries import load_sheets
from portal.domain.families.requirements import Asked, Requirement, Standing, register_requirements


def consents(asked: Asked) -> Iterator[Requirement]:
    """One line per child for whom something compulsory is asked."""
    for sheet in load_sheets(children=asked.children, at=asked.at, schoolings=asked.schoolings):
        if not any(each.type.is_compulsory for each in sheet.asked):
            continue
        missing = len(sheet.missing)
        yield Requirement(
            code=f"consents-{sheet.child.pk}",
            label=_("Autorisations de %(name)s") % {"name": sheet.child.first_name},
            standing=Standing.MISSING if missing else Standing.DONE,
            child_id=sheet.child.pk,
            note=_("Répondez oui ou non à chaque autorisation.") if missing else "",
            url_name="consents:child",
            params={"child_id": sheet.child.pk},
        )


def connect() -> None:
    """Register with the dossier."""
    register_requirements("consents", consents, order=30)

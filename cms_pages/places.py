"""Where a place is, in the applications that the visitor chooses: nothing is loaded from them before."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from portal.domain.activities.models import Structure

#: How close the map opens: the streets around.
ZOOM = 17


@dataclass(frozen=True, slots=True)
class PlanLinks:
    """`application` opens the map application of the phone, `site` a map on another site. Empty: no address."""

    application: str = ""
    site: str = ""


def links_to(structure: Structure) -> PlanLinks:
    """By coordinates when they are known, else by the address."""
    address = ", ".join(
        part for part in (structure.street, f"{structure.postcode} {structure.town}".strip()) if part.strip()
    )
    if structure.latitude is not None and structure.longitude is not None:
        latitude, longitude = f"{structure.latitude:f}", f"{structure.longitude:f}"
        return PlanLinks(
            f"geo:{latitude},{longitude}?q={latitude},{longitude}({quote(structure.name)})",
            f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map={ZOOM}/{latitude}/{longitude}",
        )
    # A village of that name exists elsewhere: without a street or a postcode, a map would mislead.
    if not (structure.town and (structure.street or structure.postcode)):
        return PlanLinks()
    return PlanLinks(
        f"geo:0,0?q={quote(address)}", f"https://www.openstreetmap.org/search?{urlencode({'query': address})}"
    )

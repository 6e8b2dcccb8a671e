"""The images of a profile, put in Wagtail's library and named by the other sections."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.images import ImageFile
from PIL import Image as Picture
from PIL import UnidentifiedImageError
from wagtail.images import get_image_model

from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Kind, Place, shown
from portal.domain.audit.services import record

if TYPE_CHECKING:
    from cms_pages.profile_tables import ImageTable

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
#: An image of a profile is found again by this tag and its code.
TAG = "profil"


@dataclass(frozen=True, slots=True)
class ImageOnDisk:
    """A file of the profile folder that is an image, and the fingerprint of its content (SHA-1, as Wagtail's)."""

    path: Path
    fingerprint: str


def _read(value: Any, place: Place) -> Any:
    if not isinstance(value, str) or not value:
        return place.refuse(f"attend le nom d’une image du dossier, et non {shown(value)}.")
    wanted = (place.folder / value).resolve()
    if not wanted.is_relative_to(place.folder.resolve()):
        return place.refuse(f"{shown(value)} sort du dossier du profil.", "Gardez les images dans ce dossier.")
    if wanted.suffix.lower() not in SUFFIXES:
        return place.refuse(f"{shown(value)} n’est pas une image.", f"Au choix : {', '.join(SUFFIXES)}.")
    if not wanted.is_file():
        known = [str(path.relative_to(place.folder)) for path in place.folder.rglob("*") if path.suffix in SUFFIXES]
        return place.refuse(f"l’image « {value} » n’existe pas.", suggestion(value, known))
    try:
        with Picture.open(wanted) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return place.refuse(f"« {value} » n’est pas une image lisible.", "Réenregistrez-la.")
    return ImageOnDisk(wanted, hashlib.sha1(wanted.read_bytes(), usedforsecurity=False).hexdigest())


image_file = Kind("nom d’une image du dossier (jpg, png, webp, gif)", _read)


def load_images(loading: Loading, tables: "tuple[ImageTable, ...]") -> None:
    """Put the images in the library under `loading.codes["images"]`; the same content is left as it is.

    An image whose file changed keeps its key, so that pages show the new one.
    """
    model = get_image_model()
    known = loading.codes.setdefault("images", {})
    kind = str(model._meta.verbose_name)
    for table in tables:
        tag = f"{TAG}:{table.code}"
        image = model.objects.filter(tags__name=tag).first()
        if image is not None and image.file_hash == table.file.fingerprint:
            loading.report.unchanged[kind] += 1
            known[table.code] = image
            continue
        created = image is None
        image = image or model()
        image.title, image.description = table.title or table.alt, table.alt
        with table.file.path.open("rb") as content:
            image.file = ImageFile(content, name=table.file.path.name)
            image.file_size = image.file.size
            image.file_hash = table.file.fingerprint
            image.save()
        if created:
            image.tags.add(tag)
        else:
            image.renditions.all().delete()
        (loading.report.created if created else loading.report.updated)[kind] += 1
        record(verb="load_commune", target=image, by=loading.by, at=loading.at, after={"title": image.title})
        known[table.code] = image

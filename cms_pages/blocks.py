"""The blocks agents write with. Each has one template in `templates/cms_pages/blocks/`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError, StructValue
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

from cms_pages.enums import Icon

#: What a paragraph may hold. Titles are blocks of their own: the outline of the page stays right.
TEXT_FEATURES = ["bold", "italic", "link", "document-link", "ol", "ul", "h3"]

#: The portal's own screens that a link may lead to, by name of view.
DOORS = [
    ("account_signup", "Créer un compte"),
    ("account_login", "Se connecter"),
    ("home:index", "Espace famille"),
    ("enrolments:index", "Inscriptions"),
    ("planning:index", "Planning"),
]

_TARGETS = ("page", "document", "door", "url")


class LinkValue(StructValue):
    """A link, resolved when it is shown: one that leads nowhere any more has no address and is not drawn."""

    @property
    def href(self) -> str:
        """The address, or "" when the page was taken down or the screen is not installed."""
        if page := self.get("page"):
            return (page.url or "") if page.live else ""
        if document := self.get("document"):
            return str(document.url)
        if door := self.get("door"):
            try:
                return reverse(door)
            except NoReverseMatch:
                return ""
        return str(self.get("url") or "")

    @property
    def note(self) -> str:
        """For a file, its kind: "PDF"."""
        document = self.get("document")
        return str(document.file_extension).upper() if document else ""


class LinkBlock(blocks.StructBlock):
    """Words, and one place to go: a page, a file, a screen of the portal or an address."""

    label = blocks.CharBlock(label="Texte du lien", max_length=120)
    page = blocks.PageChooserBlock(label="Page", required=False)
    document = DocumentChooserBlock(label="Fichier", required=False)
    door = blocks.ChoiceBlock(label="Écran du portail", choices=DOORS, required=False)
    url = blocks.URLBlock(label="Adresse d’un autre site", required=False)

    class Meta:
        label = "Lien"
        icon = "link"
        value_class = LinkValue
        template = "cms_pages/blocks/link.html"

    def clean(self, value: Any) -> Any:
        """Exactly one target."""
        cleaned = super().clean(value)
        chosen = [name for name in _TARGETS if cleaned.get(name)]
        if len(chosen) != 1:
            reason = (
                "Choisissez où mène le lien : une page, un fichier, un écran ou une adresse."
                if not chosen
                else "Un lien mène à un seul endroit : gardez-en un, videz les autres."
            )
            raise StructBlockValidationError(
                block_errors={name: ValidationError(reason) for name in (chosen or ["page"])}
            )
        return cleaned


class HeadingBlock(blocks.CharBlock):
    """A title of section (h2)."""

    class Meta:
        label = "Titre"
        icon = "title"
        template = "cms_pages/blocks/heading.html"


class ParagraphBlock(blocks.RichTextBlock):
    class Meta:
        label = "Texte"
        icon = "pilcrow"
        template = "cms_pages/blocks/paragraph.html"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", TEXT_FEATURES)
        super().__init__(**kwargs)


class FigureBlock(blocks.StructBlock):
    """An image with the text read to those who do not see it."""

    image = ImageBlock(label="Image")
    caption = blocks.CharBlock(label="Légende", required=False, max_length=200)

    class Meta:
        label = "Image"
        icon = "image"
        template = "cms_pages/blocks/figure.html"


class NoticeBlock(blocks.StructBlock):
    """One fact that must not be missed."""

    kind = blocks.ChoiceBlock(
        label="Nature",
        choices=[("", "information"), ("wait", "attention, délai"), ("good", "bonne nouvelle")],
        required=False,
    )
    title = blocks.CharBlock(label="Titre", max_length=120)
    text = blocks.TextBlock(label="Texte", required=False, rows=3)

    class Meta:
        label = "Encadré"
        icon = "info-circle"
        template = "cms_pages/blocks/notice.html"


class ButtonsBlock(blocks.ListBlock):
    """Up to three links as buttons; the first is the main one."""

    class Meta:
        label = "Boutons"
        icon = "link"
        template = "cms_pages/blocks/buttons.html"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_num", 3)
        super().__init__(LinkBlock(), **kwargs)


class QuestionBlock(blocks.StructBlock):
    """A question and its answer, folded."""

    question = blocks.CharBlock(label="Question", max_length=200)
    answer = blocks.RichTextBlock(label="Réponse", features=TEXT_FEATURES)

    class Meta:
        label = "Question et réponse"
        icon = "help"
        template = "cms_pages/blocks/question.html"


class DocumentsBlock(blocks.StructBlock):
    """A list of files and pages to read or to download."""

    title = blocks.CharBlock(label="Titre", max_length=120, default="Nos documents")
    entries = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("link", LinkBlock(label="Document")),
                ("note", blocks.CharBlock(label="Précision", required=False, max_length=120)),
            ],
            label="Document",
        ),
        label="Documents",
    )

    class Meta:
        label = "Liste de documents"
        icon = "doc-full"
        template = "cms_pages/blocks/documents.html"


class TileBlock(blocks.StructBlock):
    icon = blocks.ChoiceBlock(label="Pictogramme", choices=Icon.choices, default=Icon.INFORMATION)
    title = blocks.CharBlock(label="Titre", max_length=80)
    text = blocks.TextBlock(label="Texte", required=False, rows=2)
    links = blocks.ListBlock(LinkBlock(), label="Liens", min_num=0, max_num=3, default=[])

    class Meta:
        label = "Tuile"
        icon = "grip"
        template = "cms_pages/blocks/tile.html"


class TilesBlock(blocks.StructBlock):
    """A section of the home page made of tiles: childhood, youth, schools…"""

    title = blocks.CharBlock(label="Titre de la section", max_length=120)
    tiles = blocks.ListBlock(TileBlock(), label="Tuiles", min_num=1, max_num=6)

    class Meta:
        label = "Tuiles"
        icon = "grip"
        template = "cms_pages/blocks/tiles.html"


class CardBlock(blocks.StructBlock):
    """A short message with its button, on the town's colour."""

    icon = blocks.ChoiceBlock(label="Pictogramme", choices=Icon.choices, default=Icon.INFORMATION)
    title = blocks.CharBlock(label="Titre", max_length=120)
    text = blocks.TextBlock(label="Texte", rows=3)
    links = blocks.ListBlock(LinkBlock(), label="Bouton", min_num=0, max_num=1, default=[])

    class Meta:
        label = "Mise en avant"
        icon = "pick"
        template = "cms_pages/blocks/card.html"


class SideBySideBlock(blocks.StructBlock):
    """A list of documents with, beside it on a wide screen, one message."""

    documents = DocumentsBlock()
    card = CardBlock(label="Mise en avant")

    class Meta:
        label = "Documents et mise en avant"
        icon = "table"
        template = "cms_pages/blocks/side_by_side.html"


class ProseBlock(blocks.StreamBlock):
    """The body of a page or of a news item."""

    heading = HeadingBlock(max_length=150)
    paragraph = ParagraphBlock()
    notice = NoticeBlock()
    buttons = ButtonsBlock()
    question = QuestionBlock()
    documents = DocumentsBlock()
    figure = FigureBlock()


class HomeBlock(blocks.StreamBlock):
    """What follows the deadlines and the news on the home page, in the order agents choose."""

    side_by_side = SideBySideBlock()
    tiles = TilesBlock()
    documents = DocumentsBlock()
    card = CardBlock()
    heading = HeadingBlock(max_length=150)
    paragraph = ParagraphBlock()

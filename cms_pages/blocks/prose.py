"""Text, images and what is put between two paragraphs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import CheckboxSelectMultiple
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.images.blocks import ImageBlock

from cms_pages.blocks.links import LinkBlock

TEXT, MEDIA, GUIDE, LISTS = "Texte", "Images et vidéos", "Guider", "Listes et contacts"
"""The families under which the editor offers its blocks."""

#: What a paragraph may hold. Titles are blocks of their own: the outline of the page stays right.
TEXT_FEATURES = ["bold", "italic", "link", "document-link", "ol", "ul", "h3"]

_TABLE_OPTIONS = {
    "minSpareRows": 0,
    "startRows": 3,
    "startCols": 3,
    "contextMenu": ["row_above", "row_below", "---------", "col_left", "col_right", "---------", "remove_row",
                    "remove_col", "---------", "undo", "redo"],
    "autoColumnSize": False,
}  # fmt: skip


class HeadingBlock(blocks.CharBlock):
    """A title of section (h2)."""

    class Meta:
        label = "Titre"
        icon = "title"
        group = TEXT
        template = "cms_pages/blocks/heading.html"


class ParagraphBlock(blocks.RichTextBlock):
    class Meta:
        label = "Texte"
        icon = "pilcrow"
        group = TEXT
        template = "cms_pages/blocks/paragraph.html"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", TEXT_FEATURES)
        super().__init__(**kwargs)


class QuoteBlock(blocks.StructBlock):
    """What somebody said, and who."""

    text = blocks.TextBlock(label="Citation", rows=3)
    author = blocks.CharBlock(label="Qui l’a dit", required=False, max_length=120)

    class Meta:
        label = "Citation"
        icon = "openquote"
        group = TEXT
        template = "cms_pages/blocks/quote.html"


class CaptionedTableBlock(TableBlock):
    """A table to read: a title and the place of its headings are asked, a spreadsheet can be pasted."""

    class Meta:
        label = "Tableau"
        icon = "table"
        group = TEXT
        template = "cms_pages/blocks/table.html"
        help_text = "Un tableau copié dans un tableur se colle dans la première case."

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("table_options", _TABLE_OPTIONS)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """A title and headings: without them, nobody who listens to the page understands a cell."""
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        if not (cleaned or {}).get("table_caption"):
            raise ValidationError("Donnez un titre au tableau : il est lu avant les cases.")
        if not (cleaned.get("first_row_is_table_header") or cleaned.get("first_col_is_header")):
            raise ValidationError("Dites où sont les en-têtes : première ligne, première colonne ou les deux.")
        return cleaned


class FigureBlock(blocks.StructBlock):
    """An image with the text read to those who do not see it."""

    image = ImageBlock(label="Image")
    caption = blocks.CharBlock(label="Légende", required=False, max_length=200)

    class Meta:
        label = "Image"
        icon = "image"
        group = MEDIA
        template = "cms_pages/blocks/figure.html"


class GalleryBlock(blocks.StructBlock):
    """Several images side by side, each with its text."""

    title = blocks.CharBlock(label="Titre", max_length=120, required=False)
    figures = blocks.ListBlock(FigureBlock(), label="Images", min_num=2, max_num=12)

    class Meta:
        label = "Galerie"
        icon = "image"
        group = MEDIA
        template = "cms_pages/blocks/gallery.html"


class VideoBlock(blocks.StructBlock):
    """A link to a video on another site: nothing of that site is loaded before the visitor chooses to go."""

    title = blocks.CharBlock(label="Titre", max_length=120)
    url = blocks.URLBlock(label="Adresse de la vidéo")
    site = blocks.CharBlock(label="Site", max_length=60, help_text="Celui où l’on arrive, par exemple PeerTube.")
    duration = blocks.CharBlock(label="Durée", max_length=30, required=False)
    poster = ImageBlock(label="Image", required=False)
    transcript = blocks.RichTextBlock(
        label="Ce que dit la vidéo",
        features=["bold", "italic", "ol", "ul"],
        required=False,
        help_text="Pour qui ne l’entend pas ou ne peut pas la voir.",
    )

    class Meta:
        label = "Lien vers une vidéo"
        icon = "media"
        group = MEDIA
        template = "cms_pages/blocks/video.html"


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
        group = GUIDE
        template = "cms_pages/blocks/notice.html"


class ButtonsBlock(blocks.ListBlock):
    """Up to three links as buttons; the first is the main one."""

    class Meta:
        label = "Boutons"
        icon = "link"
        group = GUIDE
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
        group = GUIDE
        template = "cms_pages/blocks/question.html"


class QuestionGroupBlock(blocks.StructBlock):
    """Questions about one subject, under its title."""

    title = blocks.CharBlock(label="Sujet", max_length=120)
    questions = blocks.ListBlock(QuestionBlock(), label="Questions", min_num=1)

    class Meta:
        label = "Sujet"
        icon = "help"


class StepsBlock(blocks.StructBlock):
    """How something is done, one numbered step after the other."""

    title = blocks.CharBlock(label="Titre", max_length=120)
    steps = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("title", blocks.CharBlock(label="Étape", max_length=120)),
                ("text", blocks.TextBlock(label="Précision", required=False, rows=2)),
            ],
            label="Étape",
        ),
        label="Étapes",
        min_num=2,
    )

    class Meta:
        label = "Étapes"
        icon = "list-ol"
        group = GUIDE
        template = "cms_pages/blocks/steps.html"


class KeyFactsBlock(blocks.StructBlock):
    """What must be known at a glance: a term, its value."""

    title = blocks.CharBlock(label="Titre", max_length=120, default="L’essentiel")
    facts = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("term", blocks.CharBlock(label="Quoi", max_length=80)),
                ("value", blocks.CharBlock(label="Réponse", max_length=200)),
            ],
            label="Ligne",
        ),
        label="Lignes",
        min_num=1,
    )

    class Meta:
        label = "L’essentiel"
        icon = "clipboard-list"
        group = GUIDE
        template = "cms_pages/blocks/key_facts.html"


class HoursBlock(blocks.StructBlock):
    """The same hours on several days of the week."""

    days = blocks.MultipleChoiceBlock(
        label="Jours",
        choices=[
            ("1", "lundi"),
            ("2", "mardi"),
            ("3", "mercredi"),
            ("4", "jeudi"),
            ("5", "vendredi"),
            ("6", "samedi"),
            ("7", "dimanche"),
        ],
        widget=CheckboxSelectMultiple,
    )
    opens = blocks.TimeBlock(label="De")
    closes = blocks.TimeBlock(label="À")
    season = blocks.ChoiceBlock(
        label="Quand",
        choices=[("all", "toute l’année"), ("school", "en période scolaire"), ("holidays", "pendant les vacances")],
        default="all",
    )

    class Meta:
        label = "Horaires"
        icon = "time"

    def clean(self, value: Any) -> Any:
        """It closes after it opened."""
        cleaned = super().clean(value)
        if cleaned["closes"] <= cleaned["opens"]:
            raise StructBlockValidationError(
                block_errors={"closes": ValidationError("L’heure de fermeture suit l’heure d’ouverture.")}
            )
        return cleaned

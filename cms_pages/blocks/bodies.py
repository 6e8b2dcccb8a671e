"""The home page, and what the body of each kind of page may hold."""

from wagtail import blocks

from cms_pages.blocks.links import LinkBlock
from cms_pages.blocks.lists import ContactBlock, DeadlinesBlock, DocumentsBlock, StructuresBlock
from cms_pages.blocks.prose import (
    ButtonsBlock,
    CaptionedTableBlock,
    FigureBlock,
    GalleryBlock,
    HeadingBlock,
    KeyFactsBlock,
    NoticeBlock,
    ParagraphBlock,
    QuestionBlock,
    QuoteBlock,
    StepsBlock,
    VideoBlock,
)
from cms_pages.enums import Icon


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
    table = CaptionedTableBlock()
    quote = QuoteBlock()
    notice = NoticeBlock()
    buttons = ButtonsBlock()
    question = QuestionBlock()
    steps = StepsBlock()
    key_facts = KeyFactsBlock()
    figure = FigureBlock()
    gallery = GalleryBlock()
    video = VideoBlock()
    documents = DocumentsBlock()
    contact = ContactBlock()
    structures = StructuresBlock()
    deadlines = DeadlinesBlock()


class HomeBlock(blocks.StreamBlock):
    """What follows the deadlines and the news on the home page, in the order agents choose."""

    side_by_side = SideBySideBlock()
    tiles = TilesBlock()
    documents = DocumentsBlock()
    card = CardBlock()
    heading = HeadingBlock(max_length=150)
    paragraph = ParagraphBlock()
    notice = NoticeBlock()
    structures = StructuresBlock()

"""What a menu is made of: courses, the fourteen allergens, labels, textures. French words, translatable."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SiteKind(models.TextChoices):
    """Who eats there."""

    CANTEEN = "canteen", _("cantine")
    NURSERY = "nursery", _("crèche")


class WeekState(models.TextChoices):
    DRAFT = "draft", "brouillon"
    PUBLISHED = "published", "publié"


class Course(models.TextChoices):
    """The courses of a meal, in the order in which they are served."""

    STARTER = "starter", _("entrée")
    MAIN = "main", _("plat")
    SIDE = "side", _("accompagnement")
    DAIRY = "dairy", _("laitage")
    DESSERT = "dessert", _("dessert")
    SNACK = "snack", _("goûter")


class Allergen(models.TextChoices):
    """The fourteen of annex II of Regulation (EU) No 1169/2011, in its order."""

    GLUTEN = "gluten", _("gluten")
    CRUSTACEANS = "crustaceans", _("crustacés")
    EGGS = "eggs", _("œufs")
    FISH = "fish", _("poissons")
    PEANUTS = "peanuts", _("arachides")
    SOYBEANS = "soybeans", _("soja")
    MILK = "milk", _("lait")
    NUTS = "nuts", _("fruits à coque")
    CELERY = "celery", _("céleri")
    MUSTARD = "mustard", _("moutarde")
    SESAME = "sesame", _("sésame")
    SULPHITES = "sulphites", _("sulfites")
    LUPIN = "lupin", _("lupin")
    MOLLUSCS = "molluscs", _("mollusques")


class Label(models.TextChoices):
    """What the town says of a dish. None of them says for whom it is."""

    ORGANIC = "organic", _("bio")
    LOCAL = "local", _("local")
    HOMEMADE = "homemade", _("fait maison")
    VEGETARIAN = "vegetarian", _("végétarien")
    SUSTAINABLE_FISHING = "sustainable_fishing", _("pêche durable")
    ORIGIN = "origin", _("AOP")
    LABEL_ROUGE = "label_rouge", _("Label Rouge")
    FRENCH_MEAT = "french_meat", _("viande française")


#: Counted as « produits de qualité et durables »; organic is also counted alone.
QUALITY_LABELS = frozenset({Label.ORGANIC, Label.SUSTAINABLE_FISHING, Label.ORIGIN, Label.LABEL_ROUGE})


class Texture(models.TextChoices):
    """How a dish is prepared for the youngest, at the crèche."""

    SMOOTH = "smooth", _("lisse")
    MASHED = "mashed", _("écrasée")
    PIECES = "pieces", _("morceaux")


#: The courses that a site of each kind proposes until somebody chooses.
USUAL_COURSES: dict[str, tuple[str, ...]] = {
    SiteKind.CANTEEN: (Course.STARTER, Course.MAIN, Course.SIDE, Course.DAIRY, Course.DESSERT),
    SiteKind.NURSERY: (Course.STARTER, Course.MAIN, Course.SIDE, Course.DAIRY, Course.DESSERT, Course.SNACK),
}

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryState(models.TextChoices):
    """The life of a place in the line. SETTLED: the child is booked or enrolled no more, there is nothing to wait for.
    OVER: nobody can be booked for that day any more.
    """

    WAITING = "waiting", _("en attente")
    OFFERED = "offered", _("place proposée")
    BOOKED = "booked", _("place acceptée")
    DECLINED = "declined", _("place refusée")
    LAPSED = "lapsed", _("sans réponse dans le délai")
    LEFT = "left", _("demande retirée")
    SETTLED = "settled", _("sans objet")
    OVER = "over", _("terminée, la journée n’est plus ouverte")


#: Still in the line, or facing an offer.
LIVE_STATES = frozenset({EntryState.WAITING, EntryState.OFFERED})


class OfferState(models.TextChoices):
    """WITHDRAWN: there is nothing to answer any more (booked otherwise, gift taken back, dossier closed)."""

    OPEN = "open", _("à répondre")
    ACCEPTED = "accepted", _("acceptée")
    DECLINED = "declined", _("refusée")
    LAPSED = "lapsed", _("restée sans réponse")
    WITHDRAWN = "withdrawn", _("retirée")


class GiftState(models.TextChoices):
    """A booked place offered to whoever waits. OVER: nobody took it in time, the day stays charged."""

    OPEN = "open", _("proposée")
    TAKEN = "taken", _("prise par une autre famille")
    WITHDRAWN = "withdrawn", _("reprise par la famille")
    OVER = "over", _("restée sans preneur")


class Criterion(models.TextChoices):
    """What may come before the order of arrival. Its label is read by families: who goes first."""

    SIBLING = "sibling", _("un frère ou une sœur réservé le même jour dans la même structure")
    REGULAR = "regular", _("l’enfant vient un autre jour de la même semaine à la même activité")
    NEWCOMER = "newcomer", _("l’enfant n’a encore aucun jour à cette activité ce mois-là")

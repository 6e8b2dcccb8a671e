"""Which requests an activity takes, and its sentences for families."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain.activities.models import Activity
from portal.domain.late_requests.enums import Ground
from portal.domain.late_requests.models import LateRule


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be asked of the service. `answer_days` is None when nothing is promised."""

    for_deadline: bool = False
    for_capacity: bool = False
    answer_days: int | None = None

    @property
    def takes_any(self) -> bool:
        return self.for_deadline or self.for_capacity

    def takes(self, ground: Ground) -> bool:
        """Whether a request on that ground is taken."""
        late = ground in {Ground.DEADLINE, Ground.BOTH}
        full = ground in {Ground.CAPACITY, Ground.BOTH}
        return (self.for_deadline or not late) and (self.for_capacity or not full)


NOTHING = Terms()


def terms_of(activities: Collection[int]) -> Mapping[int, Terms]:
    """The terms of each of these activities (keys): its own rule, else its service's, else nothing. Two queries."""
    services = dict(Activity.objects.filter(pk__in=activities).values_list("pk", "service_id"))
    own: dict[int, Terms] = {}
    shared: dict[int, Terms] = {}
    for rule in LateRule.objects.filter(Q(activity__in=services) | Q(service__in=services.values())):
        if rule.activity_id is not None:
            own[rule.activity_id] = terms_of_rule(rule)
        elif rule.service_id is not None:
            shared[rule.service_id] = terms_of_rule(rule)
    return {activity: own.get(activity) or shared.get(service) or NOTHING for activity, service in services.items()}


def terms_of_rule(rule: LateRule) -> Terms:
    """What the rule says."""
    return Terms(rule.for_deadline, rule.for_capacity, rule.answer_days)


def sentences(terms: Terms) -> list[str]:
    """The rule as families read it, in the language of the page."""
    if not terms.takes_any:
        return [_("Après le délai ou un jour complet, aucune demande ne se fait en ligne.")]
    if terms.for_deadline and terms.for_capacity:
        said = [_("Après le délai, ou quand un jour est complet, une demande se fait au service depuis le planning.")]
    elif terms.for_deadline:
        said = [
            _("Après le délai, une demande se fait au service depuis le planning."),
            _("Un jour complet ne se demande pas."),
        ]
    else:
        said = [
            _("Quand un jour est complet, une demande se fait au service depuis le planning."),
            _("Après le délai, aucune demande ne se fait en ligne."),
        ]
    said.append(_("Aucune place n’est retenue\u00a0: le service accepte ou refuse, avec son motif."))
    if terms.answer_days is not None:
        said.append(answer_sentence(terms.answer_days))
    return said


def answer_sentence(days: int) -> str:
    """When the service says that it answers."""
    return ngettext("Le service répond en un jour.", "Le service répond en %(count)s\u00a0jours au plus.", days) % {
        "count": days
    }

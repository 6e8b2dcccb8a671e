"""Which rule holds for an activity, and its sentences for families."""

from collections.abc import Collection, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain.absences.enums import Certificate, Per
from portal.domain.absences.models import AbsenceRule
from portal.domain.activities.models import Activity


def rules_of(activities: Collection[int]) -> dict[int, AbsenceRule]:
    """The rule of each of these activities (keys): its own, else that of its type; none when closed. Two queries."""
    if not activities:
        return {}
    types = dict(Activity.objects.filter(pk__in=activities).values_list("pk", "type_id"))
    own: dict[int, AbsenceRule] = {}
    shared: dict[int, AbsenceRule] = {}
    for rule in AbsenceRule.objects.filter(Q(activity__in=types) | Q(type__in=types.values())):
        if rule.activity_id is not None:
            own[rule.activity_id] = rule
        elif rule.type_id is not None:
            shared[rule.type_id] = rule
    found = {activity: own.get(activity) or shared.get(kind) for activity, kind in types.items()}
    return {activity: rule for activity, rule in found.items() if rule is not None and rule.is_open}


def sentences(rule: AbsenceRule) -> Sequence[str]:
    """The rule as families read it, in the language of the page, one sentence for each thing to know."""
    said = [_declare(rule)]
    if rule.certificate == Certificate.ALWAYS:
        said.append(_("Un justificatif est demandé. %(delay)s") % {"delay": _send_before(rule)})
    elif rule.certificate == Certificate.BY_REASON:
        said.append(_("Un justificatif est demandé pour certains motifs. %(delay)s") % {"delay": _send_before(rule)})
    said.append(_charged(rule))
    return said


def _declare(rule: AbsenceRule) -> str:
    if rule.declare_days == 0:
        return _("Chaque jour d’absence se déclare le jour même au plus tard.")
    return ngettext(
        "Chaque jour d’absence se déclare au plus tard le lendemain.",
        "Chaque jour d’absence se déclare dans les %(count)s\u00a0jours qui suivent.",
        rule.declare_days,
    ) % {"count": rule.declare_days}


def _send_before(rule: AbsenceRule) -> str:
    if rule.certificate_days == 0:
        return _("Il s’envoie le jour même.")
    return ngettext(
        "Il s’envoie au plus tard le lendemain du premier jour d’absence.",
        "Il s’envoie dans les %(count)s\u00a0jours qui suivent le premier jour d’absence.",
        rule.certificate_days,
    ) % {"count": rule.certificate_days}


def _charged(rule: AbsenceRule) -> str:
    """What an accepted absence costs."""
    parts = []
    if rule.carence_days:
        parts.append(
            ngettext(
                "le premier jour reste facturé (carence)",
                "les %(count)s\u00a0premiers jours restent facturés (carence)",
                rule.carence_days,
            )
            % {"count": rule.carence_days}
        )
    if rule.charged_percent:
        parts.append(_("un jour excusé est facturé à %(percent)s\u00a0%%") % {"percent": rule.charged_percent})
    else:
        parts.append(_("les jours suivants ne sont pas facturés") if parts else _("les jours ne sont pas facturés"))
    if rule.most_days is not None:
        per = _("par mois") if rule.per == Per.MONTH else _("par année scolaire")
        parts.append(
            ngettext(
                "dans la limite d’un jour %(per)s et par enfant",
                "dans la limite de %(count)s\u00a0jours %(per)s et par enfant",
                rule.most_days,
            )
            % {"count": rule.most_days, "per": per}
        )
    return _("Si l’absence est acceptée\u00a0: %(parts)s.") % {"parts": ", ".join(parts)}

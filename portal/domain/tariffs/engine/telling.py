"""For whom a part, a column or a change stands, in French: what agents read in place of a form."""

from portal.domain.kernel.french import amount, integer, join_words, typography
from portal.domain.tariffs.engine.conditions import AgeOn, Bounds, When
from portal.domain.tariffs.engine.grids import Change, ChangeKind, Counting, Per, Rounding, Unknown, WithoutQuotient
from portal.domain.tariffs.engine.situations import Attendance, Counted, Regime, Residence
from portal.domain.tariffs.engine.steps import Direction
from portal.domain.tariffs.engine.words_fr import exact, number

RESIDENCES = {
    Residence.TOWN: "habite la commune",
    Residence.AREA: "habite l’intercommunalité",
    Residence.OUTSIDE: "habite ailleurs",
}
REGIMES = {Regime.GENERAL: "régime général (Caf)", Regime.MSA: "MSA", Regime.OTHER: "autre régime"}
COUNTED = {
    Counted.HOUSEHOLD: "de la famille",
    Counted.ENROLLED: "inscrits",
    Counted.PRESENT: "présents ce jour-là",
}
AGES_ON = {
    AgeOn.DAY: "le jour même",
    AgeOn.SEPTEMBER: "au 1er septembre de l’année scolaire",
    AgeOn.DECEMBER: "au 31 décembre de l’année",
}
ATTENDANCES = {
    Attendance.BOOKED: "venu comme réservé",
    Attendance.UNBOOKED: "venu sans réservation",
    Attendance.EXCUSED: "absence justifiée",
    Attendance.UNEXCUSED: "absence non justifiée",
}
DIRECTIONS = {
    Direction.NEAREST: "le plus proche, la moitié au-dessus",
    Direction.UP: "supérieur",
    Direction.DOWN: "inférieur",
}
CHANGES = {
    ChangeKind.SHIFT: "changer de tranche (−1 : celle d’en dessous)",
    ChangeKind.ADD: "ajouter des euros (négatif pour retirer)",
    ChangeKind.SLICES: "ajouter des euros par durée de retard",
    ChangeKind.PERCENT: "ajouter un pourcentage (négatif pour retirer)",
    ChangeKind.TIMES: "multiplier",
    ChangeKind.SET: "fixer le prix",
    ChangeKind.AT_LEAST: "jamais moins de",
    ChangeKind.AT_MOST: "jamais plus de",
}
PERS = {Per.UNIT: "à l’unité", Per.TIME: "au temps", Per.MONTH: "au mois"}
UNKNOWNS = {
    Unknown.HIGHEST: "le prix le plus élevé de la grille",
    Unknown.AMOUNT: "un prix",
    Unknown.QUOTIENT: "le prix d’un quotient",
}


def condition(when: When) -> str:
    """« habite ailleurs ; 2e enfant inscrit ou plus »; nothing for a condition that always holds."""
    return typography(" ; ".join(_said(when)))


def change(each: Change) -> str:
    """« Plus de 3 enfants : prix × 0,5 »."""
    match each.kind:
        case ChangeKind.SHIFT:
            done = f"{number(each.number)} tranche(s)"
        case ChangeKind.ADD:
            done = f"{'+' if each.number >= 0 else ''}{exact(each.number)}"
        case ChangeKind.SLICES:
            done = f"+{exact(each.number)} par {each.minutes} minutes de retard commencées"
        case ChangeKind.PERCENT:
            done = f"{'+' if each.number >= 0 else ''}{number(each.number)} %"
        case ChangeKind.TIMES:
            done = f"prix × {number(each.number)}"
        case ChangeKind.SET:
            done = f"prix fixé à {exact(each.number)}"
        case ChangeKind.AT_LEAST:
            done = f"jamais moins de {exact(each.number)}"
        case ChangeKind.AT_MOST:
            done = f"jamais plus de {exact(each.number)}"
    return typography(f"{each.label} : {done}")


def rounding(each: Rounding) -> str:
    """« au centime, le plus proche »."""
    unit = "au centime" if str(each.step) == "0.01" else f"au multiple de {exact(each.step)}"
    return f"{unit}, {DIRECTIONS[each.direction]}"


def counting(each: Counting) -> str:
    """What one price is the price of."""
    if each.per is not Per.TIME:
        return PERS[each.per]
    least = f", {each.least} minutes au moins" if each.least else ""
    return f"pour {each.minutes} minutes ; le temps compte par {each.step} minutes{least}"


def without(each: WithoutQuotient) -> str:
    """What a family pays whose quotient is not known."""
    said = {
        Unknown.HIGHEST: "le prix le plus élevé de la grille",
        Unknown.AMOUNT: f"{amount(each.number)}, avant les modifications",
        Unknown.QUOTIENT: f"le prix d’un quotient de {number(each.number)}",
    }[each.kind]
    return said + (" ; un quotient qui n’est plus valable sert encore" if each.keeps_expired else "")


def _said(when: When) -> list[str]:
    said = []
    if when.residences:
        said.append(join_words([RESIDENCES[each] for each in Residence if each in when.residences], last="ou"))
    if when.regimes:
        said.append(join_words([REGIMES[each] for each in Regime if each in when.regimes], last="ou"))
    if when.ages is not None:
        said.append(f"{_between(when.ages, 'an')} {AGES_ON[when.age_on]}")
    if when.schools:
        said.append(f"école {join_words(sorted(when.schools), last='ou')}")
    if when.levels:
        said.append(f"niveau {join_words(sorted(when.levels), last='ou')}")
    if when.members:
        said.append(f"adhésion ou droit {join_words(sorted(when.members), last='ou')}")
    if when.not_members:
        said.append(f"sans adhésion ni droit {join_words(sorted(when.not_members), last='ou')}")
    counted = COUNTED[when.counted]
    if when.ranks is not None:
        said.append(_ranks(when.ranks) + f" des enfants {counted}")
    if when.children is not None:
        said.append(f"{_between(when.children, 'enfant')} {counted}")
    said += [
        words[0] if answer else words[1]
        for answer, words in (
            (when.regular, ("semaine régulière", "jours choisis un à un")),
            (when.own_meal, ("repas apporté (PAI)", "sans repas apporté")),
            (when.late, ("réservé en retard", "réservé à temps")),
        )
        if answer is not None
    ]
    if when.attendances:
        said.append(join_words([ATTENDANCES[each] for each in Attendance if each in when.attendances], last="ou"))
    if when.quotients is not None:
        high = when.quotients.high
        end = "et plus" if high is None else f"à moins de {number(high)}"
        said.append(f"quotient de {number(when.quotients.low)} {end}")
    return said


def _between(bounds: Bounds, noun: str) -> str:
    if bounds.high is None:
        return f"{integer(bounds.low)} {noun}s et plus"
    if bounds.low == bounds.high:
        return f"{integer(bounds.low)} {noun}{'s' if bounds.low > 1 else ''}"
    return f"de {integer(bounds.low)} à {integer(bounds.high)} {noun}s"


def _ranks(bounds: Bounds) -> str:
    first = "1er" if bounds.low <= 1 else f"{bounds.low}e"
    if bounds.high is None:
        return f"à partir du {first}"
    if bounds.high <= max(bounds.low, 1):
        return first
    return f"du {first} au {bounds.high}e"

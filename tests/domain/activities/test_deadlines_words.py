"""What a deadline says, how days are grouped by their closing, and which rules are impossible."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.domain.activities.deadlines import (
    Action,
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    InvalidDeadline,
    MostRestrictive,
    Never,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    WeekdayBefore,
    closings,
    next_closings,
)
from portal.domain.kernel import french
from portal.domain.kernel.clock import at_paris
from portal.domain.kernel.refusals import Rule, WayOut, WayOutKind
from tests.domain.activities.guide_rules import (
    BEFORE_THE_20TH,
    HOLIDAYS,
    LES_ROUSSES,
    SCHOOL,
    TOWN,
    UNTIL_THE_20TH,
    WORKING,
    paris,
    seen,
)

# Words


@pytest.mark.exigence("P20")
@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (LES_ROUSSES, "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente."),
        (WeekdayBefore(1, time(9), weeks=0), "Les jours se changent jusqu’au lundi 9~h de la même semaine."),
        (
            WeekdayBefore(4, time(12), weeks=2, inclusive=False),
            "Les jours se changent avant le jeudi 12~h, 2~semaines avant.",
        ),
        (
            WeekdayBefore(4, step_back=WORKING),
            "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente. Si la limite tombe pendant les "
            "week-ends ou jours fériés, elle est avancée au dernier jour qui les précède.",
        ),
        (BEFORE_THE_20TH, "Les jours se changent avant le 20 du mois précédent."),
        (UNTIL_THE_20TH, "Les jours se changent jusqu’au 20 du mois précédent à 23~h~59."),
        (DayOfMonth(1), "Les jours se changent jusqu’au 1er du mois précédent à 23~h~59."),
        (DayOfMonth(31, months=2), "Les jours se changent jusqu’au dernier jour du mois à 23~h~59, 2~mois avant."),
        (
            DayOfMonth(30, hour=time(12)),
            "Les jours se changent jusqu’au 30 (ou au dernier jour) du mois précédent à 12~h.",
        ),
        (DaysBefore(0, time(9)), "Les jours se changent jusqu’à 9~h le jour même."),
        (DaysBefore(1, time(10), inclusive=False), "Les jours se changent avant 10~h la veille."),
        (DaysBefore(0, time(0), inclusive=False), "Les jours se changent jusqu’à 23~h~59 la veille."),
        (DaysBefore(3, time(10)), "Les jours se changent jusqu’à 10~h, 3~jours avant."),
        (DaysBefore(2, time(10), not_counted=WORKING), "Les jours se changent jusqu’à 10~h, 2~jours ouvrés avant."),
        (DaysBefore(1, time(10), not_counted=WORKING), "Les jours se changent jusqu’à 10~h le jour ouvré précédent."),
        (DaysBefore(2, time(10), not_counted=SCHOOL), "Les jours se changent jusqu’à 10~h, 2~jours d’école avant."),
        (
            DaysBefore(3, time(0), inclusive=False, not_counted=frozenset({DayKind.CLOSED})),
            "Les jours se changent plus de 3~jours avant, sans compter les jours de fermeture.",
        ),
        (DaysBefore(1, time(0), inclusive=False), "Les jours se changent plus d’1~jour avant."),
        (FixedInstant(date(2025, 8, 20)), "Les jours se changent jusqu’au mercredi 20~août 2025 à 23~h~59."),
        (
            FixedInstant(date(2025, 10, 1), time(0), inclusive=False),
            "Les jours se changent avant le mercredi 1er~octobre 2025.",
        ),
        (RollingOpening(1), "Les jours se changent à partir de 1~jour avant."),
        (RollingOpening(8, Span.WEEKS, time(8)), "Les jours se changent à partir de 8~semaines avant à 8~h."),
        (
            RollingOpening(2, Span.MONTHS, time(8), aligned=True),
            "Les jours se changent à partir du 1er du mois à 8~h, 2~mois avant.",
        ),
        (
            RollingOpening(3, Span.WEEKS, aligned=True),
            "Les jours se changent à partir du lundi, 3~semaines avant.",
        ),
        (Never(), "Les jours ne se changent pas en ligne."),
        (Always(), "Les jours se changent à tout moment."),
        (
            PerWeekday(((1, WeekdayBefore(5, time(10))), (2, DaysBefore(1, time(10))), (4, DaysBefore(1, time(10))))),
            "Les jours se changent~: pour le lundi, jusqu’au vendredi 10~h de la semaine précédente^; "
            "pour le mardi et le jeudi, jusqu’à 10~h la veille.",
        ),
        (
            PerWeekday(tuple((weekday, DaysBefore(1)) for weekday in (1, 2, 4)), otherwise=Always()),
            "Les jours se changent~: pour les lundis, mardis et jeudis, jusqu’à 23~h~59 la veille^; "
            "pour les autres jours, à tout moment.",
        ),
        (
            PeriodWindows(HOLIDAYS.periods[:2]),
            "Les jours se changent aux dates de chaque période~: "
            "Automne 2025, jusqu’au mercredi 1er~octobre 2025 à 23~h~59^; "
            "Noël 2025, du lundi 3~novembre 2025 au mercredi 3~décembre 2025 à 23~h~59.",
        ),
        (
            MostRestrictive((RollingOpening(8, Span.WEEKS), LES_ROUSSES)),
            "Les jours se changent à partir de 8~semaines avant et jusqu’au jeudi 23~h~59 de la semaine précédente.",
        ),
        (
            MostRestrictive((RollingOpening(2, Span.MONTHS, aligned=True), DaysBefore(2, time(10)))),
            "Les jours se changent à partir du 1er du mois, 2~mois avant, et jusqu’à 10~h, 2~jours avant.",
        ),
        (MostRestrictive((Always(), Always())), "Les jours se changent à tout moment."),
        (
            MostRestrictive((Always(), LES_ROUSSES)),
            "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente.",
        ),
        (MostRestrictive((Never(), LES_ROUSSES)), "Les jours ne se changent pas en ligne."),
    ],
)
def test_the_sentence_of_the_rule(rule: Deadline, sentence: str) -> None:
    assert seen(rule.sentence()) == sentence
    assert french.typography(rule.sentence()) == rule.sentence()


def test_the_same_rule_speaks_of_each_action() -> None:
    end = "jusqu’au jeudi 23~h~59 de la semaine précédente."
    assert seen(LES_ROUSSES.sentence(Action.BOOK)) == f"Les jours se réservent {end}"
    assert seen(LES_ROUSSES.sentence(Action.CANCEL)) == f"Les jours s’annulent {end}"
    assert seen(LES_ROUSSES.sentence(Action.CANCEL_ENROLMENT)) == f"L’inscription s’annule {end}"
    assert seen(Never().sentence(Action.CANCEL_ENROLMENT)) == "L’inscription ne s’annule pas en ligne."


@pytest.mark.exigence("P20")
@pytest.mark.parametrize(
    ("rule", "at", "explained"),
    [
        (LES_ROUSSES, paris(2026, 9, 7), "fermé depuis le jeudi 3~septembre 2026 à 23~h~59"),
        (LES_ROUSSES, paris(2026, 9, 1), "ouvert jusqu’au jeudi 3~septembre 2026 à 23~h~59"),
        (RollingOpening(7, hour=time(8)), paris(2026, 9, 1), "ouvre le vendredi 4~septembre 2026 à 8~h"),
        (RollingOpening(7), paris(2026, 9, 5), "ouvert sans limite de date"),
        (Never(), paris(2026, 9, 5), "fermé en ligne"),
        (HOLIDAYS, paris(2026, 9, 5), "aucune période de réservation n’est annoncée pour ce jour"),
        (PerWeekday(((1, Always()),)), paris(2026, 9, 5), "pas de changement en ligne pour le vendredi"),
    ],
)
def test_explains_the_state_of_a_day(rule: Deadline, at: datetime, explained: str) -> None:
    assert seen(rule.explain(date(2026, 9, 11), TOWN, at)) == explained


@pytest.mark.exigence("P20")
def test_refuses_with_the_fact_the_rule_the_instant_and_the_way_out() -> None:
    way_out = WayOut(WayOutKind.DECLARE_ABSENCE, "Déclarer une absence")
    refusal = LES_ROUSSES.refusal(
        date(2026, 9, 11), paris(2026, 9, 7), TOWN, article="règlement intérieur, article 5", way_out=way_out
    )
    assert refusal is not None
    assert refusal.rule is Rule.DEADLINE_PASSED
    assert refusal.since == at_paris(date(2026, 9, 3), time(23, 59))
    assert refusal.article == "règlement intérieur, article 5"
    assert refusal.way_out is way_out
    assert seen(refusal.sentence) == (
        "Ce jour ne se modifie plus en ligne. Les jours se changent jusqu’au jeudi 23~h~59 de la semaine "
        "précédente~: fermé depuis le jeudi 3~septembre 2026 à 23~h~59."
    )


def test_refuses_what_is_not_open_yet_with_its_opening() -> None:
    refusal = RollingOpening(7, hour=time(8)).refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN, action=Action.BOOK)
    assert refusal is not None
    assert refusal.rule is Rule.NOT_YET_OPEN
    assert refusal.since == paris(2026, 9, 4, 8)
    assert seen(refusal.sentence) == (
        "Ce jour ne se réserve pas encore en ligne. Les jours se réservent à partir de 7~jours avant à 8~h~: "
        "ouvre le vendredi 4~septembre 2026 à 8~h."
    )


def test_refuses_for_ever_without_an_instant() -> None:
    refusal = Never().refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN, action=Action.CANCEL_ENROLMENT)
    assert refusal is not None
    assert (refusal.rule, refusal.since) == (Rule.NEVER_ONLINE, None)
    assert refusal.sentence == "Cette inscription ne s’annule pas en ligne."


def test_a_rule_that_is_a_list_keeps_its_colon_for_itself() -> None:
    refusal = PerWeekday(((5, DaysBefore(1, time(10))),)).refusal(date(2026, 9, 11), paris(2026, 9, 12), TOWN)
    assert refusal is not None
    assert seen(refusal.sentence) == (
        "Ce jour ne se modifie plus en ligne. Les jours se changent~: pour le vendredi, jusqu’à 10~h la veille. "
        "Fermé depuis le jeudi 10~septembre 2026 à 10~h."
    )


def test_does_not_refuse_what_is_allowed() -> None:
    assert LES_ROUSSES.refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN) is None


# Groups of days


@pytest.mark.exigence("V22")
def test_groups_the_days_of_a_month_by_closing_instant() -> None:
    september = [date(2026, 9, 1) + timedelta(days=offset) for offset in range(30)]
    groups = closings(LES_ROUSSES, reversed(september), TOWN)
    assert [str(group.last_shown)[:16] for group in groups] == [
        "2026-08-27 23:59",
        "2026-09-03 23:59",
        "2026-09-10 23:59",
        "2026-09-17 23:59",
        "2026-09-24 23:59",
    ]
    assert groups[1].days == tuple(september[6:13])
    assert sorted(day for group in groups for day in group.days) == september


@pytest.mark.exigence("V22")
def test_lists_only_the_closings_to_come() -> None:
    september = [date(2026, 9, 1) + timedelta(days=offset) for offset in range(30)]
    at = paris(2026, 9, 10, 23, 59, 59)
    coming = next_closings(LES_ROUSSES, september, at, TOWN)
    assert [str(group.last_shown)[:10] for group in coming] == ["2026-09-10", "2026-09-17", "2026-09-24"]
    assert [group.days[0] for group in next_closings(LES_ROUSSES, september, paris(2026, 9, 11), TOWN)][:1] == [
        date(2026, 9, 21)
    ]


def test_days_without_limit_come_last_and_are_not_closings() -> None:
    rule = PerWeekday(((1, Always()), (2, DaysBefore(1))))
    week = [date(2026, 9, 14) + timedelta(days=offset) for offset in range(3)]
    groups = closings(rule, week, TOWN)
    assert [group.days for group in groups] == [(week[1],), (week[0],), (week[2],)]
    assert [group.days for group in next_closings(rule, week, paris(2026, 9, 1), TOWN)] == [(week[1],)]


# Impossible values


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda: DaysBefore(-1), "days"),
        (lambda: DaysBefore(367), "days"),
        (lambda: DaysBefore(True), "days"),
        (lambda: DaysBefore(1, time(9, 0, 30)), "hour"),
        (lambda: DaysBefore(1, time(9, tzinfo=UTC)), "hour"),
        (lambda: WeekdayBefore(0), "weekday"),
        (lambda: WeekdayBefore(8), "weekday"),
        (lambda: WeekdayBefore(4, weeks=-1), "weeks"),
        (lambda: DayOfMonth(0), "day"),
        (lambda: DayOfMonth(32), "day"),
        (lambda: DayOfMonth(20, months=0), "months"),
        (lambda: FixedInstant(date(1999, 12, 31)), "day"),
        (lambda: RollingOpening(0), "amount"),
        (lambda: RollingOpening(1, Span.DAYS, aligned=True), "aligned"),
        (lambda: PerWeekday(()), "table"),
        (lambda: PerWeekday(((8, Always()),)), "table"),
        (lambda: PerWeekday(((1, Always()), (1, Never()))), "table"),
        (lambda: PeriodWindows(()), "periods"),
        (lambda: PeriodWindows((HOLIDAYS.periods[0], HOLIDAYS.periods[0])), "periods"),
        (lambda: PeriodWindow(" ", date(2026, 1, 2), date(2026, 1, 3), closes=date(2026, 1, 1)), "label"),
        (lambda: PeriodWindow("Été", date(2026, 1, 3), date(2026, 1, 2), closes=date(2026, 1, 1)), "last"),
        (
            lambda: PeriodWindow(
                "Été", date(2026, 1, 2), date(2026, 1, 3), opens=date(2026, 1, 2), closes=date(2026, 1, 1)
            ),
            "closes",
        ),
        (lambda: MostRestrictive((Always(),)), "rules"),
    ],
)
def test_impossible_rules_are_refused_where_they_are_wrong(build: type, path: str) -> None:
    with pytest.raises(InvalidDeadline) as refused:
        build()
    assert refused.value.path == path
    assert refused.value.reason.endswith(".")

import pytest

from portal.domain.kernel.readability import kandel_moles, reading_of, reading_of_lines, syllables, words_of


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("eau", 1),
        ("école", 2),
        ("cantine", 2),
        ("réservation", 4),
        ("périscolaire", 4),
        ("enfants", 2),
        ("année", 2),
        ("créer", 2),
        ("maïs", 2),
        ("voyage", 2),
        ("oublier", 3),
        ("quatre", 1),
        ("guide", 1),
        ("mangent", 1),
        ("souvent", 2),
        ("parents", 2),
        ("moment", 2),
        ("rapidement", 4),
        ("le", 1),
        ("rendez-vous", 3),
        ("23", 2),
    ],
)
def test_syllables_are_counted_as_they_are_read(word: str, count: int) -> None:
    assert syllables(word) == count


def test_words_are_those_a_reader_sees() -> None:
    assert words_of("L’école ouvre à 8 h 30, jusqu'au rendez-vous.") == [
        "école",
        "ouvre",
        "à",
        "8",
        "h",
        "30",
        "au",
        "rendez-vous",
    ]


def test_titles_items_and_colons_end_a_sentence() -> None:
    reading = reading_of("## Réserver un jour\n\nOuvrez le planning. Cochez :\n\n- le lundi\n- le *mardi*")

    assert [sentence.text for sentence in reading.sentences] == [
        "Réserver un jour",
        "Ouvrez le planning.",
        "Cochez :",
        "le lundi",
        "le mardi",
    ]


def test_addresses_and_decimals_end_nothing() -> None:
    reading = reading_of("Écrivez à [enfance@mairie.example](mailto:enfance@mairie.example). Le repas coûte 4.30 €.")

    assert [sentence.words for sentence in reading.sentences] == [3, 4]


def test_a_short_text_is_easier_than_a_text_of_law() -> None:
    easy = reading_of_lines(["Mon enfant est inscrit.", "Il vient le mardi."])
    law = reading_of_lines(
        [
            "Nonobstant les dispositions réglementaires antérieurement applicables, l’administration se réserve la "
            "possibilité de procéder à la résiliation unilatérale de l’inscription susmentionnée."
        ]
    )

    assert easy.score > 90
    assert law.score < 30
    assert law.longest.words == 20
    assert law.hardest() == law.sentences


def test_the_score_is_that_of_kandel_and_moles() -> None:
    assert kandel_moles(words=100, sentences=10, syllables=150) == pytest.approx(207 - 10.15 - 110.4)
    with pytest.raises(ValueError, match="no score"):
        kandel_moles(words=0, sentences=0, syllables=0)

"""Tables as towns print them: pasted, in CSV or in Excel."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook

from portal.domain.files.refusal import FileRefused
from portal.domain.tariffs.engine.conditions import ALWAYS
from portal.domain.tariffs.engine.grids import Grid, Part
from portal.domain.tariffs.engine.methods import Brackets
from portal.domain.tariffs.engine.proof import faults
from portal.domain.tariffs.engine.situations import Residence
from portal.domain.tariffs.engine.tables import UnreadableTable, number_of, read_table, table_of_cells
from portal.domain.tariffs.sheets import read_sheet

pytestmark = pytest.mark.exigence("C16")


def bounds(text: str) -> list[tuple[str, str]]:
    return [(str(row.low), str(row.high or "")) for row in read_table(text).rows]


def proved(text: str) -> str:
    table = read_table(text)
    grid = Grid(date(2026, 9, 1), (Part(Brackets(table.rows, table.columns)),))
    return " ".join(str(each) for each in faults(grid)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0–308;1\n308,01–500;2\n≥ 500,01;3", [("0", "308.01"), ("308.01", "500.01"), ("500.01", "")]),
        ("0 à 599;1\n600 à 999;2\nà partir de 1 000;3", [("0", "600"), ("600", "1000"), ("1000", "")]),
        ("moins de 300;1\n300 à 599;2\nplus de 599;3", [("0", "300"), ("300", "599.01"), ("599.01", "")]),
        ("jusqu’à 600;1\njusqu’à 840;2\n> 840;3", [("0", "600.01"), ("600.01", "840.01"), ("840.01", "")]),
        ("≤ 1 049,33 €;1\n1 049,34 € et plus;3", [("0", "1049.34"), ("1049.34", "")]),
        ("0;1\n600,01;2", [("0", "600.01"), ("600.01", "")]),
        ("de 0 à moins de 600;1\nde 600 à moins de 1000;2\n1000 et plus;3",
         [("0", "600"), ("600", "1000"), ("1000", "")]),
        ("Tranche;QF;Prix\nA;0-650;0,30\nB;651-1150;0,48\nC;1151 et +;0,63",
         [("0", "651"), ("651", "1151"), ("1151", "")]),
        ("De\tÀ\tPrix\n0\t599\t1,00\n600\t\t3,05", [("0", "600"), ("600", "")]),
    ],
)  # fmt: skip
def test_printed_bounds_become_brackets_that_follow_each_other(text, found):
    assert bounds(text) == found
    assert proved(text) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0–500;1\n600–;2\n700 et plus;3", None),
        ("0 à 500;1\n600 et plus;2", "il y a un trou : rien ne dit le prix de 500,01 à moins de 600."),
        ("0 à 300;1\n300 et plus;2", "deux tranches se chevauchent de 300 à moins de 300,01."),
        ("100 à 300;1\n301 et plus;2", "il manque la tranche la plus basse"),
        ("0 à 300;1\n301 à 900;2", "la dernière tranche n’a pas de fin"),
    ],
)
def test_a_hole_larger_than_a_euro_stays_a_hole_and_the_proof_refuses_it(text, fault):
    if fault is None:
        with pytest.raises(UnreadableTable, match="Ligne 2"):
            read_table(text)
        return
    assert fault in proved(text)


def test_titles_propose_for_whom_columns_stand_those_from_elsewhere_first():
    table = read_table("QF;Commune;Extérieurs\n0 et plus;3,00;4,00")
    assert [(column.label, column.when.residences) for column in table.columns] == [
        ("Extérieurs", frozenset({Residence.AREA, Residence.OUTSIDE})),
        ("Commune", frozenset()),
    ]
    assert table.rows[0].prices == (Decimal("4.00"), Decimal("3.00"))
    assert table.columns[-1].when == ALWAYS
    assert [column.label for column in read_table("QF;CAF;MSA\n0 et plus;3,00;4,00").columns] == ["MSA", "CAF"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 049,33", "1049.33"), ("1.049,33", "1049.33"), ("1,049.33", "1049.33"), ("4.30", "4.30"),
        ("4,30 €", "4.30"), ("\u202f12\u00a0000", "12000"), ("quatre", None), ("-3", None), ("", None),
        ("1,2,3", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, number):
    assert number_of(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "vide"),
        ("0 à 599 1,00", "point-virgule"),
        ("QF;Prix", "aucune tranche"),
        ("0 et plus;", "colonnes de prix"),
        ("0 à 5;1;2\n6 et plus;1", "Ligne 2, 2e prix : il manque un prix"),
    ],
)
def test_what_cannot_be_read_is_explained(text, words):
    with pytest.raises(UnreadableTable) as refused:
        read_table(text)
    assert words in str(refused.value).replace("\u00a0", " ")


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_and_a_csv_file_give_the_same_table():
    excel = read_sheet("grille.xlsx", workbook(["QF", "Prix"], ["0 à 599", 1], ["600 et plus", 3.05]))
    csv = read_sheet("grille.csv", "\ufeffQF;Prix\r\n0 à 599;1\r\n600 et plus;3,05\r\n".encode())
    assert table_of_cells(excel) == table_of_cells(csv)
    assert table_of_cells(excel).rows[1].prices == (Decimal("3.05"),)


def test_files_that_are_no_table_are_refused_in_words():
    with pytest.raises(UnreadableTable, match="Case A2"):
        read_sheet("grille.xlsx", workbook(["QF", "Prix"], [date(2026, 3, 1), 1]))
    with pytest.raises(FileRefused):
        read_sheet("grille.xlsx", b"QF;Prix\n0 et plus;3")
    with pytest.raises(FileRefused):
        read_sheet("grille.pdf", b"%PDF-1.4")
    with pytest.raises(FileRefused):
        read_sheet("grille.csv", b"x" * (1024 * 1024 + 1))

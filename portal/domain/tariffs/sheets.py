"""The cells of a file that somebody sends: CSV or Excel, judged by its content, then read as text."""

from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from portal.domain.files.checks import FileType, check_file
from portal.domain.tariffs.engine.tables import MOST_COLUMNS, MOST_ROWS, UnreadableTable, cells_of

#: A tariff fits in a page.
MOST_BYTES = 1024 * 1024
ACCEPTED = (FileType.CSV, FileType.TXT, FileType.XLSX)


def read_sheet(name: str, content: bytes, *, size: int | None = None) -> list[list[str]]:
    """The cells of the file, the first sheet of a workbook. Raises FileRefused, UnreadableTable."""
    checked = check_file(name, content, accepted=ACCEPTED, most=MOST_BYTES, size=size)
    if checked.kind is FileType.XLSX:
        return _workbook(checked.content)
    return cells_of(checked.content.decode("utf-8-sig"))


def _workbook(content: bytes) -> list[list[str]]:
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # One row and two columns more than what a table may have: too many is said, not cut.
        rows = sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS + 4)
        return [
            [_written(cell.value, row, column) for column, cell in enumerate(cells, 1)] for row, cells in _of(rows)
        ]
    except UnreadableTable:
        raise
    except Exception as error:  # whatever a broken workbook raises in the library that reads it
        raise UnreadableTable(
            ["Ce classeur ne s’ouvre pas. Réenregistrez-le depuis votre tableur, ou collez son tableau."]
        ) from error


def _of(rows: Any) -> Any:
    return enumerate(rows, 1)


def _written(value: Any, row: int, column: int) -> str:
    """A cell as it reads: a number without the noise of binary fractions."""
    if value is None:
        return ""
    if isinstance(value, date | datetime | time):
        place = f"{get_column_letter(column)}{row}"
        raise UnreadableTable(
            [
                f"Case {place} : le tableur en a fait une date. Mettez cette colonne au format texte, puis retapez "
                "la tranche, par exemple « 0 à 599 »."
            ]
        )
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).quantize(Decimal('0.000001')).normalize():f}".replace(".", ",")
    return str(value)

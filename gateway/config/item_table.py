"""Adding one of our items to partners/self/tables/items.csv."""

import csv
import io
import os
from pathlib import Path

from gateway.config.fields import Problems
from gateway.config.partners import SELF
from gateway.config.settings import Settings, read_text
from gateway.config.tables import ITEM_COLUMNS, lines_of, read_items


def add_item(settings: Settings, values: dict[str, str]) -> Path:
    """Append an item; the rows that are there keep their bytes. values: by column name, absent ones stay empty.

    Raises OurFault config.* or partner.check-digit when the table with the new row would not be valid: nothing is
    changed then.
    """
    path = settings.partners / SELF / "tables" / "items.csv"
    name = f"partners/{SELF}/tables/items.csv"
    text = read_text(path, name, 50_000_000) if path.exists() else ",".join(ITEM_COLUMNS) + "\n"
    header = next(csv.reader(lines_of(text)), list(ITEM_COLUMNS))
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow([" ".join(values.get(column, "").split()) for column in header])
    changed = text + ("" if text.endswith("\n") else "\n") + row.getvalue()
    problems = Problems(name)
    read_items(changed, problems)
    problems.stop()
    temporary = path.with_suffix(".csv.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(changed)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return path

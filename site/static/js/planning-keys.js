/* Arrow keys in the weeks of the planning. An addition: Tab and Space work as without it, boxes stay in the tab order.
   Left, right: day. Up, down: line. Home, End: first, last day of the line. PageUp, PageDown: same cell, neighbouring week.
   Shift+Space: the whole line of the week. Works on check boxes and on the links of cells that cannot be ticked. */

const STOPS = ".cell input[type=checkbox], a.cell";

/* A week as lines of cells; a column holds its control, or null when there is nothing to reach. */
function linesOf(week) {
  return [...week.querySelectorAll("tbody tr:not(.who)")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.querySelector(STOPS)),
  );
}

function placeOf(lines, control) {
  const line = lines.findIndex((cells) => cells.includes(control));
  return line < 0 ? null : { line, column: lines[line].indexOf(control) };
}

/* The nearest control of a line, on the side one comes from first. */
function nearest(cells, column) {
  for (let distance = 0; distance < cells.length; distance += 1) {
    const found = cells[column - distance] ?? cells[column + distance];
    if (found) return found;
  }
  return null;
}

function along(cells, column, step) {
  for (let at = column + step; at >= 0 && at < cells.length; at += step) if (cells[at]) return cells[at];
  return null;
}

function across(lines, { line, column }, step) {
  for (let at = line + step; at >= 0 && at < lines.length; at += step) {
    const found = nearest(lines[at], column);
    if (found) return found;
  }
  return null;
}

/* A week hidden on a phone is shown by its fragment, without moving the history. */
function reveal(week) {
  if (week.getClientRects().length > 0 || !week.id) return;
  location.replace(`#${week.id}`);
}

function inWeek(week, place, weekday) {
  const lines = linesOf(week);
  const cells = lines[Math.min(place.line, lines.length - 1)];
  if (!cells) return null;
  const days = [...week.querySelectorAll("thead th")];
  const same = days.findIndex((day) => weekdayOf(day) === weekday);
  return nearest(cells, same < 0 ? Math.min(place.column, cells.length - 1) : same);
}

function weekdayOf(head) {
  return head ? head.textContent.trim().slice(0, 2) : "";
}

function neighbour(week, step) {
  const weeks = [...week.parentElement.querySelectorAll(":scope > .week:not(.totals)")];
  return weeks[weeks.indexOf(week) + step] ?? null;
}

function toggleLine(cells) {
  const boxes = cells.filter((control) => control instanceof HTMLInputElement && !control.disabled);
  const tick = boxes.some((box) => !box.checked);
  for (const box of boxes) {
    if (box.checked !== tick) {
      box.checked = tick;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

function target(event, week, lines, place) {
  const cells = lines[place.line];
  switch (event.key) {
    case "ArrowLeft": return along(cells, place.column, -1);
    case "ArrowRight": return along(cells, place.column, 1);
    case "ArrowUp": return across(lines, place, -1);
    case "ArrowDown": return across(lines, place, 1);
    case "Home": return along(cells, -1, 1);
    case "End": return along(cells, cells.length, -1);
    case "PageUp":
    case "PageDown": {
      const other = neighbour(week, event.key === "PageUp" ? -1 : 1);
      if (!other) return null;
      const weekday = weekdayOf(week.querySelectorAll("thead th")[place.column]);
      reveal(other);
      return inWeek(other, place, weekday);
    }
    default: return undefined;
  }
}

document.addEventListener("keydown", (event) => {
  const control = event.target.closest?.(STOPS);
  const week = control?.closest(".week:not(.totals)");
  if (!week || event.ctrlKey || event.altKey || event.metaKey) return;
  const lines = linesOf(week);
  const place = placeOf(lines, control);
  if (!place) return;
  if (event.shiftKey) {
    if (event.key === " " && control instanceof HTMLInputElement) {
      event.preventDefault();
      toggleLine(lines[place.line]);
    }
    return;
  }
  const next = target(event, week, lines, place);
  if (next === undefined) return;
  event.preventDefault();
  if (next) next.focus();
});

/* Firefox ticks on the release of Space: the release that ends Shift+Space must not tick one box again. */
document.addEventListener("keyup", (event) => {
  if (event.key === " " && event.shiftKey && event.target.closest?.(".week .cell input")) event.preventDefault();
});

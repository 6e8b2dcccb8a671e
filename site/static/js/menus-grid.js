// The grid of a week of menus, made quicker: Enter goes down, a table copied from a spreadsheet is laid over the cells,
// a known dish gets the boxes of its last entry. Without this script every one of these has its plain form.

const grid = document.querySelector("[data-menus-grid]");
const memory = JSON.parse(document.getElementById("menus-memory")?.textContent ?? "{}");

const folded = (text) =>
  text
    .replace(/œ/gi, "oe")
    .replace(/æ/gi, "ae")
    .replaceAll("’", "'")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .join(" ")
    .slice(0, 130);

const boxes = (input) => [...input.parentElement.querySelectorAll("input[type=checkbox]")];

function summarise(input) {
  const chosen = (ending) =>
    boxes(input)
      .filter((box) => box.checked && box.name.endsWith(ending))
      .map((box) => box.parentElement.textContent.trim())
      .join(", ");
  const words = [chosen("-allergenes"), chosen("-labels")].filter(Boolean).join(" · ");
  input.parentElement.querySelector("[data-menus-chosen]").textContent = words || "allergènes, labels";
}

// What was ticked by hand stays; boxes ticked from memory follow the name.
function recall(input) {
  const known = memory[folded(input.value)];
  const all = boxes(input);
  if (input.dataset.byHand !== undefined || (!known && input.dataset.recalled === undefined)) return;
  if (all.some((box) => box.checked) && input.dataset.recalled === undefined) return;
  for (const box of all) {
    const list = box.name.endsWith("-allergenes") ? known?.allergenes : known?.labels;
    box.checked = Boolean(list?.includes(box.value));
  }
  if (known) input.dataset.recalled = "";
  else delete input.dataset.recalled;
  summarise(input);
}

// The dishes served, line by line: those of « ou » are not part of a pasted table.
function served() {
  return [...grid.querySelectorAll("tbody tr")]
    .map((row) => [...row.querySelectorAll("td > .menus-dish > [data-menus-name]")])
    .filter((row) => row.length);
}

function placeOf(input) {
  const rows = served();
  const line = rows.findIndex((row) => row.includes(input));
  return line < 0 ? null : { rows, line, column: rows[line].indexOf(input) };
}

function paste(event) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const place = placeOf(event.target);
  if (!place || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  text
    .replace(/\r\n?/g, "\n")
    .replace(/\n$/, "")
    .split("\n")
    .forEach((line, down) =>
      line.split("\t").forEach((value, right) => {
        const input = place.rows[place.line + down]?.[place.column + right];
        if (!input || !value.trim() || input.value === value.trim()) return;
        input.value = value.trim();
        for (const box of boxes(input)) box.checked = false;
        delete input.dataset.byHand;
        summarise(input);
        recall(input);
      }),
    );
}

function move(event) {
  if (event.key !== "Enter" || !event.target.matches("[data-menus-name]")) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    grid.requestSubmit();
    return;
  }
  const place = placeOf(event.target);
  place?.rows[place.line + (event.shiftKey ? -1 : 1)]?.[place.column]?.focus();
}

if (grid) {
  grid.addEventListener("paste", paste);
  grid.addEventListener("keydown", move);
  grid.addEventListener("change", (event) => {
    const dish = event.target.closest(".menus-dish");
    const input = dish?.querySelector("[data-menus-name]");
    if (!input) return;
    if (event.target === input) recall(input);
    else if (event.target.type === "checkbox") {
      input.dataset.byHand = "";
      summarise(input);
    }
  });
}

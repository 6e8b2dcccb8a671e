/* The end of the draft: the minutes left, refreshed silently; said at 5 and 2 minutes; a dialog at 2 minutes.
   Reads [data-until] (an ISO instant), writes in it; #rappel-brouillon is the live region, #fin-brouillon the dialog,
   #garder the form that keeps the draft longer (its button in the dialog submits it). All optional but the first. */

const NBSP = "\u00a0";
const SAY_AT = [5, 2];
const WORDS = {
  fr: {
    instant: "moins d’une minute",
    soon: (minutes) => `Les places de votre brouillon sont rendues dans ${minutes}${NBSP}minutes.`,
    gone: "Les places de votre brouillon sont rendues. Vos choix sont gardés.",
  },
  en: {
    instant: "less than a minute",
    soon: (minutes) => `The places of your draft are given back in ${minutes}${NBSP}minutes.`,
    gone: "The places of your draft are given back. Your choices are kept.",
  },
};
const words = WORDS[globalThis.document?.documentElement?.lang] ?? WORDS.fr;
const said = new Set();
let timer = 0;

export function remaining(milliseconds) {
  if (milliseconds <= 0) return `0${NBSP}min`;
  if (milliseconds < 60_000) return words.instant;
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes}${NBSP}min`;
  if (minutes < 120) {
    const left = minutes - 60;
    return left ? `1${NBSP}h${NBSP}${String(left).padStart(2, "0")}` : `1${NBSP}h`;
  }
  return `${Math.floor(minutes / 60)}${NBSP}h`;
}

function announce(text) {
  const region = document.getElementById("rappel-brouillon");
  if (region) region.textContent = text;
}

function warn(minutes, key) {
  if (said.has(key)) return;
  said.add(key);
  announce(words.soon(minutes));
  if (minutes > 2) return;
  const dialog = document.getElementById("fin-brouillon");
  if (dialog && typeof dialog.showModal === "function" && !dialog.open) dialog.showModal();
}

function refresh() {
  clearTimeout(timer);
  const now = Date.now();
  let next = 60_000;
  for (const place of document.querySelectorAll("[data-until]")) {
    const until = Date.parse(place.dataset.until);
    if (Number.isNaN(until)) continue;
    const left = until - now;
    place.textContent = remaining(left);
    if (left <= 0) {
      if (!said.has(`${until}.0`)) {
        said.add(`${until}.0`);
        document.getElementById("fin-brouillon")?.close?.();
        announce(words.gone);
      }
      continue;
    }
    const due = SAY_AT.filter((minutes) => left <= minutes * 60_000);
    if (due.length) {
      const closest = Math.min(...due);
      for (const minutes of due) if (minutes !== closest) said.add(`${until}.${minutes}`);
      warn(closest, `${until}.${closest}`);
    }
    next = Math.min(next, (left % 60_000) + 50);
  }
  if (document.querySelector("[data-until]")) timer = setTimeout(refresh, next);
}

/* A button of the dialog that belongs to #garder must close it too, whatever the answer. */
document.getElementById("garder")?.addEventListener("submit", () => {
  document.getElementById("fin-brouillon")?.close?.();
});

refresh();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
document.addEventListener("htmx:afterSettle", refresh);

/* How far a deadline is, moved each minute in silence: the words of `kernel/french.ahead` and `kernel/english.ahead`.
   Reads [data-deadline] (the last minute allowed, an ISO instant), writes in it. Days are those of Paris. */

const NBSP = "\u00a0";
const WORDS = {
  fr: { over: "passée", tomorrow: "demain", in: (left) => `dans ${left}`, days: "jours", instant: "moins d’une minute", hour: (m) => `1${NBSP}h${m ? NBSP + String(m).padStart(2, "0") : ""}` },
  en: { over: "over", tomorrow: "tomorrow", in: (left) => `in ${left}`, days: "days", instant: "less than a minute", hour: (m) => `1${NBSP}h${m ? NBSP + String(m).padStart(2, "0") : ""}` },
};
const words = WORDS[globalThis.document?.documentElement?.lang] ?? WORDS.fr;
const PARIS = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Paris", year: "numeric", month: "2-digit", day: "2-digit" });
const dayNumber = (instant) => Math.round(Date.parse(`${PARIS.format(instant)}T00:00:00Z`) / 86_400_000);

export function ahead(moment, now) {
  const left = moment - now;
  if (left <= -60_000) return words.over;
  const days = dayNumber(moment) - dayNumber(now);
  if (days === 1) return words.tomorrow;
  if (days > 1) return words.in(`${days}${NBSP}${words.days}`);
  const minutes = Math.floor(Math.max(left, 0) / 60_000);
  if (minutes < 1) return words.in(words.instant);
  if (minutes < 60) return words.in(`${minutes}${NBSP}min`);
  if (minutes < 120) return words.in(words.hour(minutes - 60));
  return words.in(`${Math.floor(minutes / 60)}${NBSP}h`);
}

function refresh() {
  const now = Date.now();
  for (const place of document.querySelectorAll("[data-deadline]")) {
    const moment = Date.parse(place.dataset.deadline);
    if (Number.isNaN(moment)) continue;
    const text = ahead(moment, now);
    if (place.textContent !== text) place.textContent = text;
  }
}

/* The server said it first. */
if (document.querySelector("[data-deadline]")) {
  setInterval(refresh, 60_000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}

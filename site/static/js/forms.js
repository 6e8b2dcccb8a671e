/* Forms, on every page: the error summary takes the focus; the pressed button says that it works; after four seconds
   a word that it takes longer; a failed request of htmx leaves a notice with "Réessayer". Nothing here is needed. */

const LONG = 4_000;
const GIVEN_BACK = 30_000;
const WORDS = {
  fr: {
    slow: "Cela prend plus de temps que prévu, votre demande est bien partie.",
    failed: "Votre demande n’est pas partie\u00a0: la ligne est coupée. Ce que vous avez coché est encore là.",
    again: "Réessayer",
  },
  en: {
    slow: "This is taking longer than expected; your request has been sent.",
    failed: "Your request was not sent: the line is down. What you ticked is still here.",
    again: "Try again",
  },
};
const words = WORDS[document.documentElement.lang] ?? WORDS.fr;

function focusSummary(root) {
  const summary = root.querySelector?.("#erreurs");
  if (summary) summary.focus();
}

function status() {
  let region = document.getElementById("etat-envoi");
  if (!region) {
    region = document.createElement("p");
    region.id = "etat-envoi";
    region.className = "sr";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  return region;
}

function noticeBeside(form, text) {
  const notice = document.createElement("p");
  notice.className = "small soft slow";
  notice.textContent = text;
  const after = form.querySelector(".actions") ?? form;
  after.after(notice);
  status().textContent = text;
}

/* The fragment of a link in the summary must reach the box even inside a label. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#erreurs a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.closest(".field")?.scrollIntoView({ block: "start" });
});

const pending = new Map();

function release(form) {
  const { button, timers } = pending.get(form);
  for (const timer of timers) clearTimeout(timer);
  button?.removeAttribute("aria-busy");
  pending.delete(form);
}

/* Two presses on the same button send one request: the second finds the form already gone. The form is given back
   after half a minute, for an answer that leaves the page in place (a file to download). */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (pending.has(form)) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  const timers = [setTimeout(() => noticeBeside(form, words.slow), LONG), setTimeout(() => release(form), GIVEN_BACK)];
  pending.set(form, { button, timers });
});

/* A page taken back from the browser's memory must not look busy. */
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of [...pending.keys()]) release(form);
  for (const notice of document.querySelectorAll(".slow")) notice.remove();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const button = requestConfig?.triggeringEvent?.submitter ?? elt.closest?.("button");
  button?.setAttribute("aria-busy", "true");
  const timer = setTimeout(() => { status().textContent = words.slow; }, LONG);
  event.detail.xhr.addEventListener("loadend", () => {
    clearTimeout(timer);
    button?.removeAttribute("aria-busy");
  });
});

function failed(event) {
  const place = event.detail.target ?? event.detail.elt;
  if (!place?.parentElement || document.getElementById("envoi-echoue")) return;
  const notice = document.createElement("div");
  notice.id = "envoi-echoue";
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  const text = document.createElement("span");
  text.textContent = words.failed;
  const again = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.textContent = words.again;
  button.addEventListener("click", () => {
    notice.remove();
    const elt = event.detail.elt;
    const how = event.detail.requestConfig?.triggeringEvent?.type ?? "change";
    window.htmx?.trigger(elt, how);
  });
  again.append(button);
  notice.append(text, again);
  place.before(notice);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.getElementById("envoi-echoue")?.remove();
});
document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.detail.elt));

focusSummary(document);

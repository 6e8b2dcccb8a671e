/* One-key shortcuts of the agents' desk: an addition, every one of them is a link or a button of the page.
   The page loads this file only for agents who keep shortcuts on (RGAA 12.9). Nothing happens while somebody writes,
   nor with Ctrl, Alt or the command key. J, K: next, previous. A: to the button that accepts, A again: accept.
   R: opens the refusal. N: a note. */

const WRITING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

function named(name) {
  return document.querySelector(`[data-desk-key="${name}"]`);
}

function follow(name) {
  const link = named(name);
  if (link) link.click();
}

function accept() {
  const button = named("accepter");
  if (!button) return;
  if (document.activeElement === button) button.click();
  else button.focus();
}

function refuse() {
  const refusal = named("refuser");
  if (!refusal) return;
  refusal.open = true;
  refusal.querySelector("input[type=radio], textarea")?.focus();
}

const ACTIONS = {
  j: () => follow("suivante"),
  k: () => follow("precedente"),
  a: accept,
  r: refuse,
  n: () => named("note")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest(WRITING)) return;
  const action = ACTIONS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

/* « Écouter cette page »: the browser's own voice, on the visitor's machine, in French. Without one nothing is shown. */

const LANGUAGE = "fr";
/* Tools, menus and what is said twice are not read. */
const SILENT = "nav, form, button, script, style, [hidden], .no-print, .sr, [aria-hidden=true], .read-aloud";
const BLOCKS = "h1, h2, h3, h4, p, li, dt, dd, caption, th, td, figcaption, blockquote, address, summary";

const synthesis = window.speechSynthesis;

function frenchVoice() {
  const voices = synthesis.getVoices().filter((voice) => voice.lang.toLowerCase().startsWith(LANGUAGE));
  // A voice of the machine sends the text nowhere.
  return voices.find((voice) => voice.localService) ?? null;
}

function isShown(element) {
  return !element.closest(SILENT) && element.checkVisibility?.() !== false;
}

/** The sentences of a page, in order; what stands in a folded answer is read when it is open. */
function passages(root) {
  const found = [];
  for (const block of root.querySelectorAll(BLOCKS)) {
    if (!isShown(block) || block.querySelector(BLOCKS)) continue;
    const text = block.textContent.replace(/\s+/g, " ").trim();
    if (text) found.push(text);
  }
  return found;
}

function connect(box) {
  const button = box.querySelector("button");
  const words = button.querySelector("span");
  const status = box.querySelector("[role=status]");
  const start = words.textContent;
  let run = 0;

  function rest(message) {
    run += 1;
    words.textContent = start;
    status.textContent = message;
  }

  function stop(message = "") {
    rest(message);
    synthesis.cancel();
  }

  function read() {
    const root = document.getElementById(box.dataset.readAloud);
    const queue = root ? passages(root) : [];
    if (!queue.length) return;
    synthesis.cancel();
    run += 1;
    const mine = run;
    words.textContent = box.dataset.stop;
    status.textContent = "";
    const next = () => {
      if (mine !== run) return;
      const text = queue.shift();
      if (text === undefined) {
        rest(box.dataset.done);
        return;
      }
      // One passage at a time: browsers cut long texts after some seconds.
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.voice = frenchVoice();
      utterance.lang = utterance.voice?.lang ?? LANGUAGE;
      utterance.onend = next;
      utterance.onerror = () => { if (mine === run) rest(""); };
      synthesis.speak(utterance);
    };
    next();
  }

  button.addEventListener("click", () => (words.textContent === start ? read() : stop()));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && words.textContent !== start) stop();
  });
  window.addEventListener("pagehide", () => stop());
  box.hidden = false;
}

function show() {
  if (!frenchVoice()) return;
  for (const box of document.querySelectorAll("[data-read-aloud][hidden]")) connect(box);
}

if (synthesis && window.SpeechSynthesisUtterance) {
  show();
  synthesis.addEventListener?.("voiceschanged", show);
}

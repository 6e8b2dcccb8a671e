/* « Copier l’adresse »: shown where the browser can; without it the address is selected and copied by hand. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = document.getElementById("copie");
    try {
      await navigator.clipboard.writeText(field.value);
      if (said) said.textContent = field.dataset.copied;
    } catch {
      field.focus();
    }
  });
}
for (const field of document.querySelectorAll("input.secret")) field.addEventListener("focus", () => field.select());

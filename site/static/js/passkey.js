/* Keys (WebAuthn): a form with data-passkey="create" or "get" asks the browser, then sends the answer in `credential`.
   The options are in data-options; our policy allows no script in the page. Without this file, codes still work. */

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0)).buffer;
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readOptions({ publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  const decode = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));
  if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) options.excludeCredentials = decode(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = decode(options.allowCredentials);
  return options;
}

function writeCredential(credential) {
  const { response } = credential;
  const written = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) written[name] = text(response[name]);
  }
  if (response.getTransports) written.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: written,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

function connect(form) {
  form.querySelector("[data-passkey-missing]")?.setAttribute("hidden", "");
  const status = form.querySelector("[data-passkey-status]");
  form.addEventListener("submit", async (event) => {
    const field = form.elements.namedItem("credential");
    event.preventDefault();
    status.textContent = "";
    try {
      const publicKey = readOptions(JSON.parse(form.dataset.options));
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      field.value = writeCredential(credential);
      form.submit(); // without another "submit" event
    } catch {
      status.textContent = status.dataset.failed;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
    }
  });
}

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(connect);

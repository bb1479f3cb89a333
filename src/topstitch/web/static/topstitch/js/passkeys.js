// Passkeys: a form with data-passkey asks the browser for one, or for a new one, and sends what it gives.
const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The server did not answer. Try again.");
  return (await answer.json()).request_options;
}

// A passkey that signs in by itself lives on the device and asks who holds it.
function forCreation(options) {
  const wanted = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const json = { ...options.publicKey, authenticatorSelection: { ...options.publicKey.authenticatorSelection, ...wanted } };
  return { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) };
}

async function credentialFor(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "create") return navigator.credentials.create(forCreation(options));
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey) });
}

function wordsFor(error) {
  if (error.name === "NotAllowedError") return "Nothing was chosen, or it took too long. Try again.";
  if (error.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (error.name === "SecurityError") return "Passkeys need https, or this computer’s own address localhost.";
  return error.message || "The browser could not do it.";
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-button]");
  const trouble = form.querySelector("[data-passkey-trouble]");
  if (!able) {
    button.disabled = true;
    trouble.textContent = "This browser cannot use passkeys.";
    continue;
  }
  form.hidden = false;
  button.addEventListener("click", async () => {
    trouble.textContent = "";
    button.disabled = true;
    try {
      const credential = await credentialFor(form);
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      trouble.textContent = wordsFor(error);
      button.disabled = false;
    }
  });
}

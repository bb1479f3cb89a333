// Shared ground: doing something with elements now and whenever a part of a page is swapped in.

/** Calls `dress` once for each element, also for those that come later. */
export function each(selector, dress) {
  const seen = new WeakSet();
  const look = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches && root.matches(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      dress(element);
    }
  };
  look(document.documentElement);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
}

/** Listens on the document for an event on elements that a selector names. */
export function on(type, selector, act, options) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest ? event.target.closest(selector) : null;
    if (element) act(event, element);
  }, options);
}

/** Whether keys pressed there are text. */
export function takesText(target) {
  const field = target.closest("input, select, textarea, [contenteditable]");
  return Boolean(field) && !field.matches("[type=checkbox], [type=radio], [type=button], [type=submit]");
}

/** Says something to those who listen. */
export function announce(words) {
  const place = document.getElementById("announcer");
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = words; });
}

/** A cookie of ours that the server draws the next page by. */
export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

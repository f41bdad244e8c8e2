// What every page of the console needs: its facts, its elements, and a way to send something.

export const facts = JSON.parse(document.getElementById("facts").textContent);

export const byId = (id) => document.getElementById(id);

// Only what changes is written, so that 200 tiles cost nothing while they stand still.
export function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function make(name, className, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

const PATIENCE = 5_000; // milliseconds

export function post(address, body) {
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": facts.csrf },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

// Remembered for this tab; a browser that keeps nothing is no reason to fail.
export function remember(name, value) {
  try {
    sessionStorage.setItem(`console.${name}`, value);
  } catch {
    // nothing is remembered then
  }
}

export function remembered(name) {
  try {
    return sessionStorage.getItem(`console.${name}`);
  } catch {
    return null;
  }
}

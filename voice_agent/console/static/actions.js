// Buttons, their keys and dialogs; an order to the call, and in words what became of it.

import { byId, facts, post, remember, remembered, show } from "./page.js";
import { filled } from "./transcript.js";

const { texts } = facts;
const TRIES = 3;
const PAUSE = 400; // milliseconds
const VALID = 5_000; // milliseconds a repeated order is still the same one

let can = new Set();
let last = null; // an order nobody answered: { verb, text, id, at }

const id = () => crypto.randomUUID().replaceAll("-", "");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function told(text, kind) {
  const outcome = byId("outcome");
  outcome.dataset.kind = kind;
  show(outcome, text);
}

async function sent(order) {
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await post(`/console/calls/${facts.call}/commands`, order);
      return { status: answer.status, body: await answer.json() };
    } catch {
      if (tried === TRIES) return null;
      await pause(PAUSE); // the same order with the same id: it is carried out once
    }
  }
}

export async function order(verb, text = "") {
  const again = last && last.verb === verb && last.text === text && Date.now() - last.at < VALID;
  const current = again ? last : { verb, text, id: id(), at: Date.now() };
  told(texts.sending, "wait");
  const answer = await sent({ id: current.id, verb, text });
  if (answer?.status === 401) return window.location.reload();
  const outcome = answer?.body.outcome;
  last = !answer || outcome === "unanswered" ? current : null;
  if (!answer) told(texts.offline, "stop");
  else if (outcome === "done") told(texts.done[verb], "go");
  else if (outcome) told(filled(texts.outcome[outcome], { name: answer.body.name }), "stop");
  else told(answer.body.message, "stop");
  return outcome;
}

// One button stands for both of a pair.
const PAIRS = { hold: "resume", listen: "leave" };

export function enable(verbs) {
  can = verbs;
  for (const button of document.querySelectorAll("[data-verb]")) {
    const { verb } = button.dataset;
    const pair = PAIRS[verb];
    const turned = pair !== undefined && verbs.has(pair);
    button.disabled = !verbs.has(verb) && !turned;
    if (pair) show(button.firstElementChild, turned ? texts[pair] : facts.verbs[verb]);
  }
  const give = verbs.has("give_back");
  const taking = document.querySelector('[data-verb="take_over"]');
  const giving = document.querySelector('[data-verb="give_back"]');
  if (!taking) return;
  const focused = document.activeElement === taking || document.activeElement === giving;
  taking.hidden = give;
  giving.hidden = !give;
  if (focused) (give ? giving : taking).focus({ preventScroll: true });
}

function press(button) {
  const { verb } = button.dataset;
  const real = can.has(verb) ? verb : PAIRS[verb];
  if (!can.has(real)) return;
  if (real === "say" || real === "suggest") speak(real);
  else if (byId(`ask-${real}`)) ask(real);
  else order(real);
}

async function speak(verb) {
  const field = byId("sentence");
  const text = field.value.trim();
  if (!text) return field.focus();
  if ((await order(verb, text)) === "done" && field.value.trim() === text) field.value = "";
}

function ask(verb) {
  const dialog = byId(`ask-${verb}`);
  dialog.querySelector("form").reset();
  dialog.showModal();
  // Whoever asked by mistake presses Enter and nothing happens.
  (dialog.querySelector("input") ?? dialog.querySelector("[data-close]")).focus();
}

function dialogs() {
  for (const dialog of document.querySelectorAll('dialog[id^="ask-"]')) {
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.querySelector("form").addEventListener("submit", ({ target }) => {
      order(dialog.id.slice("ask-".length), target.elements.text?.value.trim() ?? "");
    });
  }
}

function shortcuts(extra) {
  const toggle = byId("shortcuts");
  toggle.checked = remembered("shortcuts") !== "off";
  toggle.addEventListener("change", () => remember("shortcuts", toggle.checked ? "on" : "off"));
  const keys = new Map(Object.entries(facts.letters).map(([verb, key]) => [key, verb]));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing && event.key === "Escape") event.target.blur();
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (!toggle.checked || document.querySelector("dialog[open]")) return;
    const key = event.key.toUpperCase();
    const button = document.querySelector(`[data-verb="${keys.get(key) ?? ""}"]:not([hidden])`);
    const act = extra[key] ?? (button && (() => press(button)));
    if (!act) return;
    event.preventDefault();
    act();
  });
}

export function begin(extra) {
  for (const button of document.querySelectorAll("[data-verb]:not([type=submit])"))
    button.addEventListener("click", () => press(button));
  byId("composer")?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (can.has("say")) speak("say");
  });
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  dialogs();
  shortcuts({ "?": () => byId("help").showModal(), N: () => byId("notes").focus(), ...extra });
}

// What is said, as it happens; gone at once when the caller withdraws.

import { byId, facts, make, show } from "./page.js";

const MOST = 500; // lines
const NEAR = 48; // pixels from the end within which it goes on scrolling

const LOCALES = { de: "de-DE", en: "en-GB" };

const list = byId("words");
const roll = list.parentElement;
const { texts, words } = facts;

const known = (group, name) => (Object.hasOwn(words[group], name) ? words[group][name] : undefined);
const word = (group, name) => known(group, name) ?? name.replaceAll("_", " ");
const filled = (text, values) =>
  text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// "FillSlot date 2026-11-27" as people read it.
function understood(command) {
  const [name, first = "", ...rest] = command.split(" ");
  const what = known("slot", first) ?? known("flow", first) ?? known("language", first) ?? first;
  return [word("command", name), [what, readable(rest.join(" "))].filter(Boolean).join(" ")]
    .filter(Boolean)
    .join(": ");
}

// A day as it is written here; everything else as it is.
function readable(value) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const day = new Date(`${value}T12:00:00`);
  const format = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  return Number.isNaN(day.valueOf()) ? value : day.toLocaleDateString(LOCALES[document.documentElement.lang], format);
}

function add(element) {
  const follows = roll.scrollHeight - roll.scrollTop - roll.clientHeight < NEAR;
  list.append(element);
  while (list.children.length > MOST) list.firstElementChild.remove();
  if (follows) roll.scrollTop = roll.scrollHeight;
}

function said(who, name, text) {
  const line = make("li", `said ${who}`);
  line.append(make("span", "speaker", name), make("p", "", text));
  add(line);
}

const event = (text) => add(make("li", "event", text));

export function clear() {
  list.replaceChildren();
}

export function tell(seen, nameOf) {
  switch (seen.type) {
    case "caller_said":
      return said("caller", texts.caller, seen.text);
    case "agent_said":
      return said("agent", texts.agent, seen.text);
    case "agent_heard":
      if (!seen.complete) list.querySelector(".agent:last-of-type")?.append(make("span", "cut", texts.cut));
      return undefined;
    case "understood":
      if (seen.commands.length) event(filled(texts.understood, { what: seen.commands.map(understood).join(" · ") }));
      return undefined;
    case "key":
      return event(filled(texts.key, seen));
    case "withheld":
      return event(texts.withheld);
    case "missed":
      return event(filled(texts.missed, seen));
    case "language":
      return event(filled(texts.language, { language: word("language", seen.language) }));
    case "consent":
      return seen.state === "given" ? event(texts.consent_given) : undefined;
    case "handover":
      return event(filled(texts.handover, { reason: word("reason", seen.reason) }));
    case "control":
      return event(filled(texts.holds, { name: nameOf(seen.holder), control: word("control", seen.control) }));
    case "ended":
      return event(texts.ended);
    default:
      return undefined;
  }
}

export function curtain(consent) {
  const drawn = consent !== "given";
  const empty = !list.querySelector(".said");
  byId("curtain").hidden = !drawn && !empty;
  show(byId("curtain-title"), drawn ? texts[`${consent}_title`] : "");
  show(byId("curtain-why"), drawn ? texts[`${consent}_why`] : texts.empty);
}

export { filled, readable, word };

// What may be done with a call, as it stands and with the rights one has. The server asks again.

import { facts } from "./page.js";

const LISTENED = new Set(["conversing", "waiting", "operated"]);

const has = (right) => facts.rights.includes(right);

export function allowed(state) {
  const verbs = new Set();
  if (state.over || !has("take_over")) return verbs;
  const mine = state.holder === facts.account;
  const free = !state.holder;
  const open = state.consent === "given";
  const listens = state.listeners.includes(facts.account);
  const talks = state.phase === "conversing";
  const heard = LISTENED.has(state.phase);
  const add = (verb, may) => may && verbs.add(verb);
  add("take_over", open && free && (talks || state.phase === "waiting"));
  add("give_back", mine);
  add("say", open && (mine || (free && talks)));
  add("suggest", open && free && talks);
  add("tones", mine && state.control === "talking");
  add("hold", mine && state.control === "talking");
  add("resume", mine && state.control === "holding");
  add("transfer", heard && (mine || free));
  add("listen", open && !free && !mine && !listens);
  add("leave", !mine && listens);
  add("end", heard && (mine || has("end_any")));
  add("erase", has("erase"));
  return verbs;
}

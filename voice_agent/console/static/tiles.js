// The tiles of running calls: each is touched only when its own call changes.

import { now, told } from "./clock.js";
import { byId, facts, show } from "./page.js";

const list = byId("tiles");
const tiles = new Map(); // by call: { one, element, places }

const FACTS = ["phase", "direction", "language", "latency", "holder_name", "consent_words", "reason"];

function grown(one) {
  const element = byId("tile").content.firstElementChild.cloneNode(true);
  element.dataset.call = one.call;
  if (facts.reads) element.querySelector(".face").href = `/console/calls/${one.call}`;
  return element;
}

function placesOf(element) {
  const places = new Map();
  for (const place of element.querySelectorAll("[data-fact], [data-since]"))
    places.set(place.dataset.fact ?? place.dataset.since, place);
  return places;
}

// Who waits first and longest, then the longest calls.
function before(a, b) {
  const waits = (one) => (one.waiting_since === null ? 1 : 0);
  const since = (one) => one.waiting_since ?? one.began_at;
  return waits(a) - waits(b) || since(a) - since(b) || (a.call < b.call ? -1 : 1);
}

function place(tile) {
  let next = null;
  for (const other of list.children) {
    if (other !== tile.element && before(tile.one, tiles.get(other.dataset.call).one) < 0) {
      next = other;
      break;
    }
  }
  if (tile.element.isConnected && tile.element.nextElementSibling === next) return;
  // A tile that moves keeps the keyboard's focus.
  const focused = tile.element.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(tile.element, next);
  focused?.focus({ preventScroll: true });
}

export function update(one) {
  let tile = tiles.get(one.call);
  let moved = tile?.one.waiting_since !== one.waiting_since || tile?.one.began_at !== one.began_at;
  if (!tile) {
    const written = list.querySelector(`[data-call="${CSS.escape(one.call)}"]`);
    const element = written ?? grown(one);
    moved = !written; // the server has written its tiles in order
    tile = { one, element, places: placesOf(element) };
    tiles.set(one.call, tile);
  }
  tile.one = one;
  tile.element.dataset.state = one.state;
  tile.element.dataset.consent = one.consent;
  tile.element.classList.toggle("mine", one.holder === facts.account);
  for (const name of FACTS) show(tile.places.get(name), one[name]);
  tick(tile);
  if (moved) place(tile);
}

export function remove(call) {
  tiles.get(call)?.element.remove();
  tiles.delete(call);
}

export function keepOnly(calls) {
  const kept = new Set(calls);
  for (const call of [...tiles.keys()]) if (!kept.has(call)) remove(call);
  for (const element of [...list.children]) if (!kept.has(element.dataset.call)) element.remove();
}

export const all = () => [...tiles.values()].map(({ one }) => one);

export const waiting = () => all().filter((one) => one.waiting_since !== null).sort(before);

function tick({ one, places }) {
  show(places.get("began_at"), told(now() - one.began_at));
  if (one.waiting_since !== null) show(places.get("waiting_since"), told(now() - one.waiting_since));
}

setInterval(() => tiles.forEach(tick), 1000);

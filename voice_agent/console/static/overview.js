// The overview: tiles, the queue, who is on duty, and the numbers of the day.

import * as clock from "./clock.js";
import * as duty from "./duty.js";
import { byId, facts, make, show } from "./page.js";
import { listen, ring } from "./ring.js";
import { Stream } from "./stream.js";
import * as tiles from "./tiles.js";

const { texts } = facts;
const MINUTE = 60_000;

function queue() {
  const waiting = tiles.waiting();
  const list = byId("waiters");
  waiting.forEach((one, number) => {
    const old = list.children[number];
    if (old?.dataset.call === one.call) fill(old, one);
    else list.insertBefore(entry(one), old ?? null);
  });
  while (list.children.length > waiting.length) list.lastElementChild.remove();
  byId("nobody").hidden = waiting.length > 0;
  show(byId("waiting"), String(waiting.length));
  document.title = waiting.length ? `(${waiting.length}) ${facts.title}` : facts.title;
  byId("queue").dataset.waiting = String(waiting.length > 0);
  ring(waiting.length > 0);
}

function entry(one) {
  const element = make("li", "waiter");
  element.dataset.call = one.call;
  const face = make(facts.reads ? "a" : "div", "face");
  if (facts.reads) face.href = `/console/calls/${one.call}`;
  face.append(make("b", "why"), make("span", "soft where"), make("span", "time"));
  element.append(face);
  fill(element, one);
  return element;
}

function fill(element, one) {
  const place = one.place ? texts.place.replace("{place}", one.place) : "";
  show(element.querySelector(".why"), one.reason || one.phase);
  show(element.querySelector(".where"), [place, one.language, one.flow].filter(Boolean).join(" · "));
  element.dataset.since = one.waiting_since;
  tick(element);
}

function tick(element) {
  show(element.querySelector(".time"), clock.told(clock.now() - Number(element.dataset.since)));
}

function count() {
  const running = tiles.all().length;
  show(byId("running"), String(running));
  byId("quiet").hidden = running > 0;
}

function team(people) {
  const mine = duty.agree(people);
  byId("alone").hidden = people.length > 0;
  byId("team").replaceChildren(
    ...people.map((person) => {
      const item = make("li", "person");
      const state = person.call ? "in_call" : person.available ? "available" : "absent";
      item.dataset.state = state;
      const name = person.account === facts.account ? `${person.name} (${texts.you})` : person.name;
      item.append(make("span", "name", name), make("span", "soft", texts[state]));
      return item;
    }),
  );
  if (facts.serves) mark(Boolean(mine?.call));
}

function mark(busy) {
  const available = duty.wanted();
  byId("available").setAttribute("aria-pressed", String(available));
  byId("absent").setAttribute("aria-pressed", String(!available));
  show(byId("duty-told"), busy ? texts.busy : available ? texts.on : texts.off);
}

async function say(available) {
  const said = await duty.say(available);
  mark(false);
  if (!said) show(byId("duty-told"), texts.duty_failed);
}

function losses(lost) {
  byId("lost").hidden = lost.length === 0;
  byId("losses").replaceChildren(
    ...lost.map((one) => make("li", "", [one.direction, one.language, one.phase].join(" · "))),
  );
}

function told(news) {
  clock.set(news.now);
  news.calls?.forEach(tiles.update);
  news.gone?.forEach(tiles.remove);
  if (news.lost) losses(news.lost);
  if (news.duty) team(news.duty);
  if (news.away !== undefined) byId("away").hidden = !news.away;
  queue();
  count();
}

async function today() {
  try {
    const answer = await fetch("/console/today");
    const old = byId("today");
    if (!answer.ok || old.contains(document.activeElement)) return;
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = document.importNode(read.getElementById("today"), true);
    const table = fresh.querySelector("details");
    if (table) table.open = Boolean(old.querySelector("details")?.open);
    old.replaceWith(fresh);
  } catch {
    // the numbers stay as they are
  }
}

listen(byId("sound"), queue);
if (facts.serves) {
  byId("available").addEventListener("click", () => say(true));
  byId("absent").addEventListener("click", () => say(false));
}
told(facts.seen);
setInterval(() => document.querySelectorAll(".waiter").forEach(tick), 1000);
setInterval(today, MINUTE);
const all = (news) => {
  tiles.keepOnly(news.calls.map(({ call }) => call));
  told(news);
};
const onLine = (up) => {
  byId("line").hidden = up;
  document.body.dataset.line = up ? "up" : "down";
};
// Of the overviews that nobody sees one still rings.
let rings = !navigator.locks;
const stream = new Stream("/console/events", { all, some: told }, onLine, () => rings);
navigator.locks?.request("console overview", () => {
  rings = true;
  stream.seen();
  return new Promise(() => {}); // until the page is closed
});

// One call: what happens in it, and what an operator does with it.

import * as actions from "./actions.js";
import * as briefing from "./briefing.js";
import * as clock from "./clock.js";
import * as duty from "./duty.js";
import * as line from "./line.js";
import { allowed } from "./may.js";
import { byId, facts } from "./page.js";
import { Stream } from "./stream.js";
import * as transcript from "./transcript.js";

const { words } = facts;
const WORDS = new Set(["caller_said", "agent_said", "understood", "key"]); // nobody sees before consent
const QUIET = 150; // milliseconds after which it is clear where a call stands that is told anew

const state = {
  phase: "created", consent: "none", receipt: "", control: "agent", holder: "", direction: "inbound",
  language: "", place: 0, reason: "", flow: "", question: "", slots: {}, listeners: [],
  duty: facts.duty, began_at: facts.tile?.began_at ?? facts.now, over: !facts.tile, gone: false,
};
let settling = null;

function nameOf(account) {
  if (!account) return words.who.agent;
  if (account === facts.account) return words.who.you;
  return state.duty.find((one) => one.account === account)?.name ?? words.who.operator;
}

function shown() {
  briefing.brief(state, nameOf);
  transcript.curtain(state.consent);
  const verbs = allowed(state);
  actions.enable(verbs);
  clearTimeout(settling);
  settling = setTimeout(() => {
    const mine = state.holder === facts.account;
    line.want(state.over ? "" : mine ? "hold" : verbs.has("leave") ? "listen" : "");
  }, QUIET);
}

function withdrawn() {
  state.consent = "withdrawn";
  Object.assign(state, { receipt: "", flow: "", question: "", slots: {} });
  transcript.clear();
}

function follow(seen) {
  switch (seen.type) {
    case "phase":
      state.phase = seen.phase;
      if (seen.phase === "withdrawn") withdrawn();
      break;
    case "consent":
      if (seen.state === "withdrawn") withdrawn();
      else if (state.consent !== "withdrawn")
        Object.assign(state, { consent: seen.state, receipt: seen.receipt });
      break;
    case "control":
      Object.assign(state, { control: seen.control, holder: seen.holder, place: 0 });
      break;
    case "place":
      state.place = seen.place;
      break;
    case "handover":
      state.reason = seen.reason;
      break;
    case "language":
      state.language = seen.language;
      break;
    case "flow":
      Object.assign(state, { flow: seen.flow, question: seen.question, slots: seen.slots });
      break;
    case "turn_timed":
    case "answer_heard":
      briefing.timed(seen);
      break;
    case "ended":
      Object.assign(state, { over: true, phase: "ended", control: "agent", holder: "", place: 0 });
      stream.close();
      break;
    default:
  }
}

function message(seen) {
  follow(seen);
  if (state.consent === "given" || !WORDS.has(seen.type)) transcript.tell(seen, nameOf);
  shown();
}

// At first, and whenever the line was broken: everything is told anew.
function begin({ now, duty: people, snapshot, away }) {
  clock.set(now);
  byId("away").hidden = !away;
  transcript.clear();
  byId("timings").tBodies[0].replaceChildren();
  Object.assign(state, snapshot ?? {}, { duty: people, slots: {}, over: false, gone: false });
  duty.agree(people);
  briefing.tick(state);
  shown();
}

function present({ duty: people, listeners }) {
  Object.assign(state, { duty: people, listeners });
  duty.agree(people);
  shown();
}

function gone() {
  Object.assign(state, { over: true, gone: true, holder: "", control: "agent", place: 0 });
  stream.close();
  shown();
}

clock.set(facts.now);
actions.begin({ M: line.mute });
byId("mute")?.addEventListener("click", line.mute);
setInterval(() => briefing.tick(state), 1000);
const stream = new Stream(
  `/console/calls/${facts.call}/events`,
  { begin, message, duty: present, gone, away: () => (byId("away").hidden = false) },
  (up) => {
    byId("line").hidden = up;
    document.body.dataset.line = up ? "up" : "down";
  },
  () => line.isWanted(),
);

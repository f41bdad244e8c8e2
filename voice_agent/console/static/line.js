// The operator's own line to the caller: opened while they hold or listen, closed otherwise.

import { byId, facts, show } from "./page.js";

const { texts } = facts;

// What openVoice names "broken", "refused", "replaced": the line is closed then.
const CLOSED = new Set(["refused", "replaced", "broken"]);

let open = null; // what openVoice promised
let wanted = ""; // "hold", "listen" or nothing
let muted = false;
let state = "closed";
let trouble = "";

function shown() {
  byId("voice").hidden = !wanted;
  const told = trouble || (muted && state === "talking" ? "muted" : state);
  show(byId("voice-state"), texts.voice[told] ?? told);
  byId("mute").setAttribute("aria-pressed", String(muted));
  byId("mute").hidden = wanted === "listen";
}

function onState({ type, control }) {
  state = type === "over" ? "closed" : control;
  if (trouble === "interrupted") trouble = "";
  if (wanted === "listen" && state === "talking") state = "listening";
  shown();
}

function onError(name) {
  trouble = name;
  if (CLOSED.has(name)) onLevel({ input: 0, output: 0 });
  shown();
}

function onLevel({ input, output }) {
  if (trouble === "silent") {
    trouble = ""; // levels come from where sound runs
    shown();
  }
  byId("level-me").value = input;
  byId("level-caller").value = output;
}

async function begin(listen) {
  state = "connecting";
  trouble = "";
  try {
    const { openVoice } = await import("./voice.js");
    return await openVoice(facts.call, { onState, onLevel, onError, listen });
  } catch {
    onError("no_sound");
    return null;
  }
}

export async function want(how) {
  if (how === wanted || !byId("voice")) return;
  const before = open;
  wanted = how;
  muted = false;
  open = how ? begin(how === "listen") : null;
  state = how ? state : "closed";
  shown();
  (await before)?.close();
}

export const isWanted = () => Boolean(wanted);

export async function mute() {
  if (wanted !== "hold") return;
  muted = !muted;
  shown();
  (await open)?.mute(muted);
}

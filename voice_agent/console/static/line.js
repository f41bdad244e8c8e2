// The operator's own line to the caller: opened while they hold or listen, closed otherwise.

import { byId, facts, show } from "./page.js";

const { texts } = facts;

let open = null; // what openVoice promised
let wanted = false;
let muted = false;
let state = "closed";

function shown() {
  if (!byId("voice")) return;
  byId("voice").hidden = !wanted;
  const told = muted && state === "open" ? "muted" : state;
  show(byId("voice-state"), texts.voice[told] ?? told);
  byId("mute").setAttribute("aria-pressed", String(muted));
}

function onState(name) {
  state = name;
  shown();
}

// Levels from 0 to 1; either may be left out.
function onLevel({ caller, me } = {}) {
  if (caller !== undefined) byId("level-caller").value = caller;
  if (me !== undefined) byId("level-me").value = me;
}

async function begin() {
  onState("connecting");
  try {
    const { openVoice } = await import("./voice.js");
    return await openVoice(facts.call, { onState, onLevel });
  } catch {
    onState("failed");
    return null;
  }
}

export async function want(on) {
  if (on === wanted || !byId("voice")) return;
  wanted = on;
  if (on) {
    muted = false;
    open = begin();
  } else {
    const line = await open;
    open = null;
    line?.close();
    state = "closed";
    onLevel({ caller: 0, me: 0 });
  }
  shown();
}

export async function mute() {
  if (!wanted) return;
  muted = !muted;
  shown();
  (await open)?.mute(muted);
}

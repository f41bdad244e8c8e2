// What an operator has to know before they speak, from where the call stands.

import * as clock from "./clock.js";
import { byId, facts, make, show } from "./page.js";
import { filled, readable, word } from "./transcript.js";

const { texts } = facts;
const NONE = "–";
const TURNS = 5;

function listeners(state, nameOf) {
  byId("listeners").hidden = state.listeners.length === 0;
  show(byId("listeners"), filled(texts.listens, { names: state.listeners.map(nameOf).join(", ") }));
}

export function brief(state, nameOf) {
  const open = state.consent === "given";
  show(byId("phase"), state.gone ? texts.gone : word("phase", state.phase));
  show(byId("place"), state.place ? filled(texts.place, state) : "");
  byId("standing").dataset.consent = state.consent;
  show(byId("consent"), word("consent", state.consent));
  show(byId("receipt"), state.receipt ? filled(texts.receipt, state) : "");
  show(byId("what"), `${word("direction", state.direction)} · ${word("language", state.language)}`);
  byId("control").dataset.control = state.control;
  show(byId("holder"), nameOf(state.holder));
  show(byId("control-words"), state.holder ? word("control", state.control) : "");
  show(byId("reason"), state.reason ? word("reason", state.reason) : NONE);
  show(byId("flow"), open && state.flow ? word("flow", state.flow) : NONE);
  show(byId("question"), open && state.question ? word("slot", state.question) : NONE);
  slots(open ? state.slots : {});
  listeners(state, nameOf);
}

function slots(known) {
  const list = byId("slots");
  const text = JSON.stringify(known);
  if (list.dataset.known === text) return;
  list.replaceChildren(
    ...Object.entries(known).map(([name, value]) => {
      const row = make("div");
      row.append(make("dt", "", word("slot", name)), make("dd", "", readable(value)));
      return row;
    }),
  );
  // What it was made of is not kept where it should be gone.
  if (Object.keys(known).length) list.dataset.known = text;
  else delete list.dataset.known;
}

export function timed(seen) {
  const body = byId("timings").tBodies[0];
  byId("timings").hidden = false;
  byId("no-timings").hidden = true;
  if (seen.type === "answer_heard") {
    const row = [...body.rows].find(({ dataset }) => dataset.turn === String(seen.turn));
    if (row) show(row.lastElementChild, String(seen.heard_ms));
    return;
  }
  const row = make("tr");
  row.dataset.turn = seen.turn;
  const head = make("th", "", String(seen.turn));
  head.scope = "row";
  const ms = [seen.decided_ms, seen.transcript_ms, Math.round(seen.seconds * 1000), null];
  row.append(head, ...ms.map((value) => make("td", "", value === null ? NONE : String(value))));
  body.prepend(row);
  while (body.rows.length > TURNS) body.lastElementChild.remove();
}

export function tick(state) {
  if (!state.over) show(byId("seconds"), clock.told(clock.now() - state.began_at));
}

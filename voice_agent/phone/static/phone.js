// The telephone's face: buttons, keys, states. What it says comes from the page's own texts.

import { Call } from "./call.js";
import { Sound } from "./sound.js";
import { Transcript } from "./transcript.js";

const find = (name) => document.getElementById(name);
const texts = JSON.parse(document.body.dataset.texts);
const language = document.documentElement.lang;

const button = find("call");
const state = find("state");
const detail = find("state-detail");
const problem = find("problem");
const mute = find("mute");
const fileButton = find("file-button");
const fileInput = find("file");
const meters = { caller: find("level-caller"), agent: find("level-agent") };
const transcript = new Transcript(find("transcript"), texts);
const sound = new Sound();

let call = null;
let phase = "idle";

// The page's colours and words follow the call's phase; only "conversing" is ever shown as
// listening, so that an unknown phase can never be mistaken for it.
function show(next) {
  phase = next;
  document.body.dataset.phase = next;
  state.textContent = texts.state[next] ?? texts.state.other;
  detail.textContent = texts.detail[next] ?? "";
  const busy = next !== "idle" && next !== "ended";
  document.body.classList.toggle("busy", busy);
  button.querySelector(".label").textContent = busy ? texts.hang_up : texts.call;
  for (const link of document.querySelectorAll(".languages a")) {
    link.toggleAttribute("inert", busy);
  }
  fileButton.disabled = !busy;
  mute.disabled = !busy || !sound.microphone;
}

function complain(words) {
  problem.textContent = words;
  problem.hidden = words === "";
}

async function start() {
  complain("");
  if (!Sound.isPossible) {
    complain(texts.no_sound);
    return;
  }
  transcript.clear();
  show("calling");
  const mine = new Call(sound);
  call = mine;
  mine.addEventListener("observation", ({ detail: seen }) => observe(mine, seen));
  mine.addEventListener("watching", () => transcript.clear());
  mine.addEventListener("ended", ({ detail: code }) => end(mine, code));
  try {
    await sound.start();
    const heard = await sound.openMicrophone();
    if (mine.over) {
      sound.closeMicrophone();
      return;
    }
    sound.mute(false);
    mute.setAttribute("aria-pressed", "false");
    if (!heard) complain(texts.no_microphone);
    await mine.dial(language);
    show(phase);
  } catch {
    complain(texts.no_call);
    mine.end(0);
  }
}

function end(ended, code) {
  if (ended !== call) return;
  call = null;
  sound.closeMicrophone();
  show("ended");
  if (code === 1008) complain(texts.refused);
  else if (code === 1006) complain(texts.broken);
}

function observe(from, seen) {
  switch (seen.type) {
    case "phase":
      if (from === call) show(seen.phase);
      break;
    case "agent_said":
      transcript.agent(seen.text);
      break;
    case "caller_said":
      transcript.caller(seen.text);
      break;
    case "turn_timed":
      transcript.timed(seen);
      break;
    case "answer_heard":
      transcript.heard(seen);
      break;
    case "key":
      transcript.key(seen.key);
      break;
    case "ended":
      transcript.note(texts.reason[seen.reason] ?? texts.reason.other);
      break;
    case "missed":
      transcript.note(texts.missed);
      break;
  }
}

function press(key) {
  const pad = document.querySelector(`.key[data-key="${CSS.escape(key)}"]`);
  pad.classList.add("pressed");
  setTimeout(() => pad.classList.remove("pressed"), 150);
  call?.press(key);
}

button.addEventListener("click", () => (call ? call.hangUp() : start()));

find("keys").addEventListener("click", ({ target }) => {
  const key = target.closest(".key");
  if (key) press(key.dataset.key);
});

document.addEventListener("keydown", (event) => {
  if (!find("keyboard").checked) return;
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
});

mute.addEventListener("click", () => {
  const on = mute.getAttribute("aria-pressed") !== "true";
  mute.setAttribute("aria-pressed", String(on));
  sound.mute(on);
});

fileButton.addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", async () => {
  const [file] = fileInput.files;
  fileInput.value = "";
  if (!file || !call) return;
  try {
    await sound.speak(file);
    transcript.note(texts.file_speaks.replace("{name}", file.name));
  } catch {
    complain(texts.bad_file);
  }
});

sound.addEventListener("levels", ({ detail: levels }) => {
  for (const [who, meter] of Object.entries(meters)) {
    // 60 dB of range: loudness is heard in ratios.
    const decibels = 20 * Math.log10(Math.max(levels[who], 0.001));
    meter.style.setProperty("--level", String(Math.min(1, 1 + decibels / 60)));
  }
});

window.addEventListener("pagehide", () => call?.hangUp());

show("idle");
button.disabled = false;

// A sound for callers who wait for a person. A browser makes none before the page was touched.

import { remember, remembered } from "./page.js";

const EVERY = 6_000; // milliseconds between two rings
const TONES = [660, 880]; // Hz
const TONE = 0.16; // seconds

let context = null;
let ringing = null;
let wanted = remembered("sound") !== "off";

function beep() {
  if (context?.state !== "running") return;
  TONES.forEach((frequency, number) => {
    const begin = context.currentTime + number * TONE;
    const tone = new OscillatorNode(context, { frequency, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(0.12, begin + 0.02);
    volume.gain.linearRampToValueAtTime(0, begin + TONE);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + TONE);
  });
  document.body.dataset.rang = String(Number(document.body.dataset.rang ?? 0) + 1);
}

function touched() {
  if (!wanted) return;
  context ??= new AudioContext();
  context.resume();
}

export function ring(on) {
  if (on && wanted && ringing === null) {
    beep();
    ringing = setInterval(beep, EVERY);
  } else if ((!on || !wanted) && ringing !== null) {
    clearInterval(ringing);
    ringing = null;
  }
}

export function listen(toggle, changed) {
  toggle.checked = wanted;
  toggle.addEventListener("change", () => {
    wanted = toggle.checked;
    remember("sound", wanted ? "on" : "off");
    touched();
    changed();
  });
  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, touched);
}

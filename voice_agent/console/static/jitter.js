// Evens out a voice that comes unevenly: collects a little before it plays, no more than the network
// makes necessary, and hides what is missing. Telephone samples in, telephone samples out.
//
// Frames come in order and carry no time: whoever sends drops what is too late, and a lost frame is
// a shorter sound, not a hole.

import { DECODED } from "./mulaw.js";

const RATE = 8000;
const LEAST = 0.06; // seconds collected at least before sound starts
const MOST = 0.2; // seconds held at most
const MARGIN = 0.02; // seconds held beyond the lateness that was seen
const CALM = 0.01; // seconds of the reckoned lateness forgotten a second
const FORGET = 2; // seconds in which lateness that stays becomes the new punctuality
const PAUSE = 0.5; // seconds without a frame that are no lateness but a pause
const LOOK = 1; // seconds of which the smallest depth says whether too much is held
const TRIM = 80; // samples taken out at a time where too much is held, 10 ms
const FADE = 40; // samples of a fade in, 5 ms
const TAIL = 160; // samples of a fade out that hides the beginning of a gap, 20 ms

export class JitterBuffer {
  #frames = []; // decoded
  #at = 0; // samples of the first frame that were played
  #depth = 0; // samples held
  #playing = false;
  #since = null; // when the first of what is collected came
  #last = null; // when the last frame came
  #late = 0; // how much later than the earliest the last frame came, seconds
  #peak = 0; // the lateness that is reckoned with, seconds
  #low = Infinity; // smallest depth since the last look, samples
  #looked = null;
  #past = new Float32Array(TAIL); // what was played last, to hide a gap with
  #pen = 0; // where the next of it is written
  #hidden = TAIL; // samples of the tail that were played
  #risen = 0; // samples since sound started again

  // Counts for whoever wants to know: times it ran dry, samples dropped.
  gaps = 0;
  dropped = 0;

  // Seconds held.
  get depth() {
    return this.#depth / RATE;
  }

  // Seconds collected before sound starts.
  get target() {
    return Math.min(MOST - MARGIN, Math.max(LEAST, this.#peak + MARGIN));
  }

  // A frame of mu-law that came at a time in seconds.
  push(mulaw, now) {
    this.#measure(mulaw.length / RATE, now);
    if (this.#depth === 0 && !this.#playing) this.#since = now;
    this.#frames.push(Float32Array.from(mulaw, (code) => DECODED[code]));
    this.#depth += mulaw.length;
    if (this.depth > MOST) {
      this.#drop(this.#depth - Math.round(this.target * RATE));
      this.#risen = 0;
    }
  }

  // Fill samples with what is to be played now.
  pull(samples, now) {
    if (!this.#playing && this.#depth > 0) {
      this.#playing = this.depth >= this.target || now - this.#since >= this.target;
    }
    this.#look(now);
    for (let i = 0; i < samples.length; i += 1) samples[i] = this.#next();
    this.#low = Math.min(this.#low, this.#depth);
  }

  // Forget everything, as before a new voice.
  clear() {
    this.#drop(this.#depth);
    this.#playing = false;
    this.#last = null;
    this.#late = 0;
    this.#peak = 0;
  }

  // Lateness is what the frames lag behind their own length, counted from the earliest of late.
  // Where it stays, the way has become longer or something was dropped: nothing to wait for.
  #measure(seconds, now) {
    const passed = this.#last === null ? PAUSE : now - this.#last;
    this.#last = now;
    if (passed >= PAUSE) {
      this.#late = 0;
    } else {
      this.#late = Math.max(0, this.#late * (1 - passed / FORGET) + passed - seconds);
      this.#peak = Math.max(this.#late, this.#peak - passed * CALM);
    }
  }

  // What was never needed for a while is only delay: a little of it goes, where nobody hears it.
  #look(now) {
    this.#looked ??= now;
    if (now - this.#looked < LOOK) return;
    const spare = this.#low / RATE - this.target;
    if (this.#playing && spare > MARGIN && Number.isFinite(spare)) this.#splice();
    this.#looked = now;
    this.#low = Infinity;
  }

  // Take TRIM samples out, fading from what stood before them into what stands after.
  #splice() {
    const rest = this.#take(this.#depth);
    const joined = rest.subarray(TRIM).slice();
    for (let i = 0; i < FADE; i += 1) {
      const share = (i + 1) / (FADE + 1);
      joined[i] = rest[i] * (1 - share) + rest[i + TRIM] * share;
    }
    this.#frames = [joined];
    this.#depth = joined.length;
    this.dropped += TRIM;
  }

  #next() {
    if (this.#playing && this.#depth === 0) {
      this.#playing = false;
      this.#hidden = 0;
      this.#risen = 0;
      this.gaps += 1;
    }
    if (!this.#playing) return this.#hide();
    const frame = this.#frames[0];
    let value = frame[this.#at];
    this.#at += 1;
    this.#depth -= 1;
    if (this.#at === frame.length) {
      this.#frames.shift();
      this.#at = 0;
    }
    if (this.#risen < FADE) {
      this.#risen += 1;
      value *= this.#risen / FADE;
    }
    this.#past[this.#pen] = value;
    this.#pen = (this.#pen + 1) % TAIL;
    return value;
  }

  // The last sound backwards, ever fainter: it goes on without a click, and then is silence.
  #hide() {
    if (this.#hidden >= TAIL) return 0;
    this.#hidden += 1;
    return this.#past[(this.#pen + TAIL - this.#hidden) % TAIL] * (1 - this.#hidden / TAIL);
  }

  #drop(count) {
    this.dropped += this.#take(count).length;
  }

  #take(count) {
    const taken = new Float32Array(count);
    let filled = 0;
    while (filled < count) {
      const frame = this.#frames[0];
      const piece = frame.subarray(this.#at, this.#at + count - filled);
      taken.set(piece, filled);
      filled += piece.length;
      this.#at += piece.length;
      if (this.#at === frame.length) {
        this.#frames.shift();
        this.#at = 0;
      }
    }
    this.#depth -= count;
    return taken;
  }
}

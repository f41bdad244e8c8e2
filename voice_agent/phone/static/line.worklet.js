// The telephone line inside the browser's audio thread: what the microphone hears leaves as
// 20 ms frames of mu-law at 8 kHz, what the agent sends is played in order, and a mark goes back
// when everything before it has been played. One processor does both, so both have one clock.

const TELEPHONE_RATE = 8000;
const FRAME = 160; // samples in 20 ms
const PREBUFFER = 480; // samples (60 ms) collected before sound starts, against jitter
const PREBUFFER_WAIT = 0.06; // seconds after which it starts with less
const SLICE = 8; // telephone samples played at a time, 1 ms
const LEVEL_EVERY = 0.05; // seconds between two level reports

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

// A windowed sinc at 90 % of the lower rate's half: speech passes, what would alias does not
// (Kaiser window, about 70 dB).
class Resampler {
  constructor(from, to) {
    const divisor = gcd(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    const lower = Math.min(from, to);
    const cutoff = (0.9 * lower) / from; // of the input's half rate
    this.half = Math.ceil((22 * from) / lower);
    this.kernels = [];
    for (let phase = 0; phase < this.up; phase += 1) {
      const kernel = new Float32Array(2 * this.half);
      let total = 0;
      for (let tap = 0; tap < kernel.length; tap += 1) {
        const x = tap - this.half + 1 - phase / this.up;
        const edge = x / this.half;
        if (Math.abs(edge) >= 1) continue;
        const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
        kernel[tap] = sinc * bessel(7 * Math.sqrt(1 - edge * edge));
        total += kernel[tap];
      }
      this.kernels.push(kernel.map((value) => value / total));
    }
    this.history = new Float32Array(2 * this.half - 1);
    this.next = 0; // where the next output's window begins in the history
    this.phase = 0;
  }

  feed(input) {
    const samples = new Float32Array(this.history.length + input.length);
    samples.set(this.history);
    samples.set(input, this.history.length);
    const output = [];
    while (this.next + 2 * this.half <= samples.length) {
      const kernel = this.kernels[this.phase];
      let sum = 0;
      for (let tap = 0; tap < kernel.length; tap += 1) sum += samples[this.next + tap] * kernel[tap];
      output.push(sum);
      this.phase += this.down;
      this.next += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    const used = Math.min(this.next, samples.length);
    this.history = samples.slice(used);
    this.next -= used;
    return output;
  }
}

// G.711 mu-law, as ITU-T G.711 tabulates it.
function encode(value) {
  let sample = Math.round(Math.max(-1, Math.min(1, value)) * 32767) >> 2;
  const mask = sample < 0 ? 0x7f : 0xff;
  sample = Math.min(Math.abs(sample), 8158) + 33;
  const segment = 26 - Math.clz32(sample);
  return ((segment << 4) | ((sample >> (segment + 1)) & 15)) ^ mask;
}

const DECODED = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
});

class Line extends AudioWorkletProcessor {
  constructor() {
    super();
    this.toTelephone = new Resampler(sampleRate, TELEPHONE_RATE);
    this.toSpeaker = new Resampler(TELEPHONE_RATE, sampleRate);
    this.outgoing = []; // telephone samples waiting to fill a frame
    this.speaker = []; // samples for the speaker, ahead of the block being filled
    this.queue = []; // {mulaw, at} and {mark}
    this.queued = 0; // telephone samples in the queue
    this.waitingSince = null; // when the first sound of a burst arrived
    this.playing = false;
    this.file = null; // a sound file that speaks instead of the microphone
    this.fileAt = 0;
    this.open = false;
    this.muted = false;
    this.heard = 0;
    this.said = 0;
    this.levelAt = 0;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  receive(message) {
    switch (message.type) {
      case "open":
        this.reset();
        this.open = true;
        break;
      case "close":
        this.reset();
        break;
      case "play":
        if (this.queued === 0 && !this.playing) this.waitingSince = currentTime;
        this.queue.push({ mulaw: message.mulaw, at: 0 });
        this.queued += message.mulaw.length;
        break;
      case "mark":
        this.queue.push({ mark: message.name });
        break;
      case "clear": {
        const marks = this.queue.filter((item) => item.mark !== undefined);
        this.empty();
        for (const { mark } of marks) this.port.postMessage({ type: "mark", name: mark });
        break;
      }
      case "file":
        this.file = message.samples;
        this.fileAt = 0;
        break;
      case "mute":
        this.muted = message.on;
        break;
    }
  }

  reset() {
    this.empty();
    this.outgoing = [];
    this.file = null;
    this.open = false;
  }

  empty() {
    this.queue = [];
    this.queued = 0;
    this.playing = false;
    this.waitingSince = null;
  }

  process([microphone], [output]) {
    this.capture(microphone[0], output[0].length);
    this.play(output);
    if (currentTime - this.levelAt >= LEVEL_EVERY) {
      this.levelAt = currentTime;
      this.port.postMessage({ type: "levels", caller: this.said, agent: this.heard });
      this.said = 0;
      this.heard = 0;
    }
    return true;
  }

  capture(input, length) {
    let block = input && !this.muted ? input : new Float32Array(length);
    if (this.file) {
      block = new Float32Array(length);
      block.set(this.file.subarray(this.fileAt, this.fileAt + length));
      this.fileAt += length;
      if (this.fileAt >= this.file.length) {
        this.file = null;
        this.port.postMessage({ type: "file-spoken" });
      }
    }
    for (const value of block) this.said = Math.max(this.said, Math.abs(value));
    if (!this.open) return;
    for (const value of this.toTelephone.feed(block)) this.outgoing.push(value);
    while (this.outgoing.length >= FRAME) {
      const frame = Uint8Array.from(this.outgoing.splice(0, FRAME), encode);
      this.port.postMessage({ type: "frame", frame }, [frame.buffer]);
    }
  }

  play(output) {
    const length = output[0].length;
    while (this.speaker.length < length) {
      for (const value of this.toSpeaker.feed(this.slice())) this.speaker.push(value);
    }
    const block = this.speaker.splice(0, length);
    for (const value of block) this.heard = Math.max(this.heard, Math.abs(value));
    for (const channel of output) channel.set(block);
  }

  slice() {
    const samples = new Float32Array(SLICE);
    if (!this.playing && this.queued > 0) {
      const waited = currentTime - this.waitingSince >= PREBUFFER_WAIT;
      this.playing = this.queued >= PREBUFFER || waited;
    }
    let filled = 0;
    while (this.queue.length > 0) {
      const head = this.queue[0];
      if (head.mark !== undefined) {
        this.port.postMessage({ type: "mark", name: head.mark });
        this.queue.shift();
        continue;
      }
      if (!this.playing || filled === SLICE) break;
      const count = Math.min(SLICE - filled, head.mulaw.length - head.at);
      for (let i = 0; i < count; i += 1) samples[filled + i] = DECODED[head.mulaw[head.at + i]];
      filled += count;
      head.at += count;
      this.queued -= count;
      if (head.at === head.mulaw.length) this.queue.shift();
    }
    if (this.queued === 0) this.playing = false;
    return samples;
  }
}

registerProcessor("line", Line);

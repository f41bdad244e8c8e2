// The operator's end of the line inside the browser's audio thread: the microphone leaves as 20 ms
// frames of mu-law at 8 kHz, the voices that come are evened out, mixed and played. One processor
// does both, so both have one clock.

import { JitterBuffer } from "./jitter.js";
import { encodeFloat, SILENCE } from "./mulaw.js";
import { Resampler } from "./resampler.js";

const TELEPHONE_RATE = 8000;
const FRAME = 160; // samples in 20 ms
const SLICE = 8; // telephone samples played at a time, 1 ms
const LEVEL_EVERY = 0.05; // seconds between two level reports

class Voice extends AudioWorkletProcessor {
  constructor() {
    super();
    this.toTelephone = new Resampler(sampleRate, TELEPHONE_RATE);
    this.toSpeaker = new Resampler(TELEPHONE_RATE, sampleRate);
    this.outgoing = []; // telephone samples waiting to fill a frame
    this.speaker = []; // samples for the speaker, ahead of the block being filled
    this.sides = [new JitterBuffer(), new JitterBuffer()]; // the caller, another operator
    this.slice = new Float32Array(SLICE);
    this.mixed = new Float32Array(SLICE);
    this.muted = false;
    this.closed = false;
    this.heard = 0;
    this.said = 0;
    this.levelAt = 0;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  receive(message) {
    switch (message.type) {
      case "play":
        this.sides[message.side]?.push(message.mulaw, currentTime);
        break;
      case "silence":
        for (const side of this.sides) side.clear();
        break;
      case "mute":
        this.muted = message.on;
        break;
      case "close":
        this.closed = true;
        break;
    }
  }

  process([microphone], [output]) {
    this.capture(microphone[0], output[0].length);
    this.play(output);
    if (currentTime - this.levelAt >= LEVEL_EVERY) {
      this.levelAt = currentTime;
      this.port.postMessage({ type: "levels", input: this.said, output: this.heard });
      this.said = 0;
      this.heard = 0;
    }
    return !this.closed;
  }

  // Without a microphone, or muted, silence leaves: it says that the page is there.
  capture(input, length) {
    const block = input && !this.muted ? input : new Float32Array(length);
    for (const value of block) this.said = Math.max(this.said, Math.abs(value));
    for (const value of this.toTelephone.feed(block)) this.outgoing.push(value);
    while (this.outgoing.length >= FRAME) {
      const samples = this.outgoing.splice(0, FRAME);
      const frame = this.muted
        ? new Uint8Array(FRAME).fill(SILENCE)
        : Uint8Array.from(samples, encodeFloat);
      this.port.postMessage({ type: "frame", frame }, [frame.buffer]);
    }
  }

  play(output) {
    const length = output[0].length;
    while (this.speaker.length < length) {
      for (const value of this.toSpeaker.feed(this.mix())) this.speaker.push(value);
    }
    const block = this.speaker.splice(0, length);
    for (const value of block) this.heard = Math.max(this.heard, Math.abs(value));
    for (const channel of output) channel.set(block);
  }

  mix() {
    this.mixed.fill(0);
    for (const side of this.sides) {
      side.pull(this.slice, currentTime);
      for (let i = 0; i < SLICE; i += 1) this.mixed[i] += this.slice[i];
    }
    return this.mixed;
  }
}

registerProcessor("voice", Voice);

// The telephone line inside the browser's audio thread: what the microphone hears leaves as
// 20 ms frames of mu-law at 8 kHz, what the agent sends is played in order, and a mark goes back
// when everything before it has been played. One processor does both, so both have one clock.

import { DECODED, encodeFloat } from "./mulaw.js";
import { Resampler } from "./resampler.js";

const TELEPHONE_RATE = 8000;
const FRAME = 160; // samples in 20 ms
const PREBUFFER = 480; // samples (60 ms) collected before sound starts, against jitter
const PREBUFFER_WAIT = 0.06; // seconds after which it starts with less
const SLICE = 8; // telephone samples played at a time, 1 ms
const LEVEL_EVERY = 0.05; // seconds between two level reports

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
      const frame = Uint8Array.from(this.outgoing.splice(0, FRAME), encodeFloat);
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

// The operator's voice: microphone and headphones, joined to a call by a websocket.
//
//   const voice = await openVoice(callKey, { onState, onListen, onLevel, onError, listen });
//   voice.mute(true);
//   voice.close();
//
// onState gets {type: "state", control, holder} whenever it changes and {type: "over"} once; the
// control is "unknown" while the server does not know how the call stands.
// onListen gets what became of asking to listen, as for any command.
// onLevel gets {input, output}, peaks from 0 to 1, twenty times a second.
// onError gets one of: "no_microphone" (one hears, and is not heard), "interrupted" (the line broke,
// it is being opened again), "silent" (the browser plays nothing before a click or a key, and goes on
// with the first), "replaced" (another page of the same operator has the call),
// "refused" (signed out, or not allowed), "broken" (it could not be opened again).
// After the last three the voice is closed. With listen, a call that another operator holds is
// listened to.
//
// Throws an Error whose message is "no_sound" where the browser cannot do it: call it from a click.

import { SILENCE } from "./mulaw.js";

const AGAIN = [0, 250, 500, 1000, 1000, 2000, 2000, 4000, 4000, 8000]; // ms before each try
const REPLACED = 4001;
const REFUSED = 1008;
const OVER = 1000;
const PULSE = 1000; // ms without a frame after which one of silence is sent
const GESTURES = ["pointerdown", "keydown"];
const BEHIND = 1600; // bytes not sent yet beyond which a frame is dropped: 0.2 s

export async function openVoice(callKey, options = {}) {
  if (!("AudioWorkletNode" in window) || !window.isSecureContext) throw new Error("no_sound");
  const voice = new Voice(callKey, options);
  try {
    await voice.open();
  } catch {
    voice.close();
    throw new Error("no_sound");
  }
  return { mute: (on) => voice.mute(on), close: () => voice.close() };
}

class Voice {
  #address;
  #options;
  #context = null;
  #node = null;
  #microphone = null;
  #socket = null;
  #tries = 0;
  #timer = null;
  #closed = false;
  #pulse = null;
  #sentAt = 0;
  #leaving = () => this.close();
  #waking = () => this.#context.resume();

  constructor(callKey, options) {
    this.#address = new URL(`/console/calls/${callKey}/voice`, location.href);
    this.#address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (options.listen) this.#address.searchParams.set("listen", "1");
    this.#options = options;
  }

  async open() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    await this.#context.audioWorklet.addModule(new URL("voice-worklet.js", import.meta.url));
    this.#node = new AudioWorkletNode(this.#context, "voice", {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [1],
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.#node.port.onmessage = ({ data }) => this.#hearNode(data);
    this.#node.connect(this.#context.destination);
    await this.#openMicrophone();
    this.#wake();
    window.addEventListener("pagehide", this.#leaving);
    this.#pulse = setInterval(() => this.#beat(), PULSE);
    this.#dial();
  }

  mute(on) {
    this.#node?.port.postMessage({ type: "mute", on: Boolean(on) });
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    window.removeEventListener("pagehide", this.#leaving);
    for (const kind of GESTURES) window.removeEventListener(kind, this.#waking);
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    this.#socket?.close(OVER);
    this.#node?.port.postMessage({ type: "close" });
    this.#node?.disconnect();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#options.onLevel?.({ input: 0, output: 0 });
  }

  async #openMicrophone() {
    try {
      this.#microphone = await navigator.mediaDevices.getUserMedia({
        audio: {
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          channelCount: 1,
        },
      });
    } catch {
      this.#options.onError?.("no_microphone");
      return;
    }
    this.#context.createMediaStreamSource(this.#microphone).connect(this.#node);
    for (const track of this.#microphone.getTracks()) {
      track.addEventListener("ended", () => this.#options.onError?.("no_microphone"));
    }
  }

  // A page that was loaded anew may make no sound until somebody touches it.
  #wake() {
    this.#context.resume();
    this.#context.addEventListener("statechange", () => {
      if (this.#context.state !== "running") return;
      for (const kind of GESTURES) window.removeEventListener(kind, this.#waking);
    });
    if (this.#context.state === "running") return;
    for (const kind of GESTURES) window.addEventListener(kind, this.#waking);
    setTimeout(() => {
      if (!this.#closed && this.#context.state !== "running") this.#options.onError?.("silent");
    }, PULSE);
  }

  // Silence where the audio thread sends nothing: the server must know that the page is there.
  #beat() {
    if (performance.now() - this.#sentAt >= PULSE) this.#send(new Uint8Array(160).fill(SILENCE));
  }

  #dial() {
    const socket = new WebSocket(this.#address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#hearSocket(data);
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#fall(code);
    };
    this.#socket = socket;
  }

  #hearSocket(data) {
    if (typeof data !== "string") {
      const [side] = new Uint8Array(data, 0, 1);
      this.#node.port.postMessage({ type: "play", side, mulaw: new Uint8Array(data.slice(1)) });
      return;
    }
    this.#tries = 0;
    const state = JSON.parse(data);
    if (state.type === "listen") {
      this.#options.onListen?.(state.outcome);
      return;
    }
    this.#options.onState?.(state);
    if (state.type === "over") this.close();
    else if (state.control !== "talking") this.#node.port.postMessage({ type: "silence" });
  }

  #hearNode(message) {
    if (this.#closed) return;
    if (message.type === "levels") {
      this.#options.onLevel?.({ input: message.input, output: message.output });
      return;
    }
    this.#send(message.frame);
  }

  #send(frame) {
    const socket = this.#socket;
    // What piles up here would be heard late; a voice that skips is better than one that lags.
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount <= BEHIND) {
      socket.send(frame);
      this.#sentAt = performance.now();
    }
  }

  #fall(code) {
    if (this.#closed) return;
    const ended = { [REPLACED]: "replaced", [REFUSED]: "refused" }[code];
    if (ended || this.#tries >= AGAIN.length) {
      this.close();
      this.#options.onError?.(ended ?? "broken");
    } else {
      if (this.#tries === 0) this.#options.onError?.("interrupted");
      this.#node.port.postMessage({ type: "silence" });
      this.#timer = setTimeout(() => this.#dial(), AGAIN[this.#tries]);
      this.#tries += 1;
    }
  }
}

// One call over the carrier's media-stream protocol, from the carrier's end.

const text = (bytes) => btoa(String.fromCharCode(...bytes));
const bytes = (payload) => Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
const id = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export class Call extends EventTarget {
  // Events: "observation" (detail: what the server tells), "answered", "ended" (detail: close code).

  constructor(sound) {
    super();
    this.sound = sound;
    this.streamSid = `MZ${id()}`;
    this.sequence = 0;
    this.chunk = 0;
    this.over = false;
    this.listeners = new AbortController();
  }

  async dial(language) {
    this.language = language;
    const answer = await fetch("/phone/calls", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ language }),
    });
    if (!answer.ok) throw new Error(`the call was refused with ${answer.status}`);
    const { call_id: callSid, token } = await answer.json();
    if (this.over) return;
    this.callSid = callSid;
    this.watch();
    this.connect(token);
  }

  watch() {
    this.events = new EventSource(`/phone/events/${this.callSid}`);
    this.events.onopen = () => this.tell("watching");
    this.events.onmessage = ({ data }) => {
      const observation = JSON.parse(data);
      if (observation.type === "ended") this.events.close();
      this.tell("observation", observation);
    };
  }

  connect(token) {
    const address = new URL("/phone/media", window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.socket.onopen = () => this.start(token);
    this.socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    this.socket.onclose = ({ code }) => this.end(code);
    const { signal } = this.listeners;
    this.sound.addEventListener("frame", ({ detail }) => this.media(detail), { signal });
    this.sound.addEventListener("mark", ({ detail: name }) => this.send("mark", { name }), { signal });
  }

  start(token) {
    this.socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    this.send("start", {
      accountSid: `AC${"0".repeat(32)}`,
      streamSid: this.streamSid,
      callSid: this.callSid,
      tracks: ["inbound"],
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
      customParameters: { token, language: this.language },
    });
    this.sound.openLine();
    this.tell("answered");
  }

  receive(message) {
    if (message.event === "media") this.sound.play(bytes(message.media.payload));
    else if (message.event === "mark") this.sound.mark(message.mark.name);
    else if (message.event === "clear") this.sound.clear();
  }

  media(frame) {
    this.chunk += 1;
    const timestamp = String((this.chunk - 1) * 20);
    this.send("media", { track: "inbound", chunk: String(this.chunk), timestamp, payload: text(frame) });
  }

  press(digit) {
    this.send("dtmf", { track: "inbound_track", digit });
  }

  hangUp() {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.send("stop", { accountSid: `AC${"0".repeat(32)}`, callSid: this.callSid });
      this.socket.close(1000);
    }
    this.end(1000);
  }

  send(event, content) {
    if (this.socket?.readyState !== WebSocket.OPEN || this.over) return;
    this.sequence += 1;
    const { streamSid } = this;
    const message = { event, sequenceNumber: String(this.sequence), streamSid, [event]: content };
    this.socket.send(JSON.stringify(message));
  }

  end(code) {
    if (this.over) return;
    this.over = true;
    this.listeners.abort();
    this.sound.closeLine();
    this.socket?.close();
    // The last observations may come after the sound; give them a moment.
    setTimeout(() => this.events?.close(), 2000);
    this.tell("ended", code);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

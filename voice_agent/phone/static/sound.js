// The browser's microphone and speaker, joined to the telephone line's worklet.

export class Sound extends EventTarget {
  // Events: "frame" (detail: Uint8Array, 20 ms mu-law), "mark" (detail: name),
  // "levels" (detail: {caller, agent}, 0 to 1), "file-spoken".

  static get isPossible() {
    // Browsers offer both only to https and to this very machine.
    return "AudioWorkletNode" in window && window.isSecureContext;
  }

  async start() {
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      await this.context.audioWorklet.addModule(new URL("line.worklet.js", import.meta.url));
      this.line = new AudioWorkletNode(this.context, "line", {
        numberOfInputs: 1,
        numberOfOutputs: 1,
        outputChannelCount: [1],
        channelCount: 1,
        channelCountMode: "explicit",
      });
      this.line.port.onmessage = ({ data }) => this.#announce(data);
      this.line.connect(this.context.destination);
    }
    await this.context.resume();
  }

  // Ask for the microphone; returns whether there is one.
  async openMicrophone() {
    if (this.microphone) return true;
    try {
      this.microphone = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
      });
    } catch {
      return false;
    }
    this.source = this.context.createMediaStreamSource(this.microphone);
    this.source.connect(this.line);
    return true;
  }

  // Let go of the microphone, so that the browser's own sign of listening goes out too.
  closeMicrophone() {
    this.source?.disconnect();
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.source = null;
    this.microphone = null;
  }

  openLine() {
    this.line.port.postMessage({ type: "open" });
  }

  closeLine() {
    this.line?.port.postMessage({ type: "close" });
  }

  play(mulaw) {
    this.line.port.postMessage({ type: "play", mulaw }, [mulaw.buffer]);
  }

  mark(name) {
    this.line.port.postMessage({ type: "mark", name });
  }

  clear() {
    this.line.port.postMessage({ type: "clear" });
  }

  mute(on) {
    this.line?.port.postMessage({ type: "mute", on });
  }

  // Speak a sound file into the line. Throws when the browser cannot read it.
  async speak(file) {
    const sound = await this.context.decodeAudioData(await file.arrayBuffer());
    const samples = new Float32Array(sound.length);
    for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
      const data = sound.getChannelData(channel);
      for (let i = 0; i < data.length; i += 1) samples[i] += data[i] / sound.numberOfChannels;
    }
    this.line.port.postMessage({ type: "file", samples }, [samples.buffer]);
  }

  #announce(message) {
    const detail = { frame: message.frame, mark: message.name, levels: message }[message.type];
    this.dispatchEvent(new CustomEvent(message.type, { detail }));
  }
}

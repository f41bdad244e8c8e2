// The conversation as text, and how fast each answer was.

import { Timing } from "./timing.js";

export class Transcript {
  constructor(list, texts) {
    this.list = list;
    this.texts = texts;
    this.speaking = null;
    this.timing = null;
  }

  clear() {
    this.list.replaceChildren();
    this.speaking = null;
    this.timing = null;
  }

  // The agent's sentences come one by one, as they are heard; what belongs together stays together.
  agent(words) {
    if (!this.speaking) {
      this.speaking = this.#say("agent", this.texts.agent, words);
      return;
    }
    this.#keepingTheEnd(() => this.speaking.append(` ${words}`));
  }

  caller(words) {
    this.speaking = null;
    this.#say("caller", this.texts.caller, words || this.texts.not_understood);
  }

  key(key) {
    this.note(this.texts.key_pressed.replace("{key}", key));
  }

  timed(seen) {
    const timing = new Timing(seen, this.texts, document.documentElement.lang);
    this.timing = timing;
    this.#keepingTheEnd(() => this.list.append(timing.element));
  }

  // Comes when the first sentence of the answer has been heard to its end.
  heard({ turn, heard_ms: milliseconds }) {
    if (this.timing?.turn === turn) this.#keepingTheEnd(() => this.timing.heard(milliseconds));
  }

  note(words) {
    this.speaking = null;
    this.#add("note", words);
  }

  #add(kind, words) {
    const item = document.createElement("p");
    item.className = kind;
    item.textContent = words;
    this.#keepingTheEnd(() => this.list.append(item));
  }

  #say(who, name, words) {
    const item = document.createElement("div");
    item.className = who;
    const speaker = document.createElement("span");
    speaker.className = "speaker";
    speaker.textContent = name;
    const said = document.createElement("p");
    said.textContent = words;
    item.append(speaker, said);
    this.#keepingTheEnd(() => this.list.append(item));
    return said;
  }

  // Follow the conversation, unless the reader has scrolled back.
  #keepingTheEnd(change) {
    const { list } = this;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    change();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

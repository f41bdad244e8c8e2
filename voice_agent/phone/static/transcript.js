// The conversation as text, and how fast each answer was.

export class Transcript {
  constructor(list, texts) {
    this.list = list;
    this.texts = texts;
    this.speaking = null;
    this.seconds = new Intl.NumberFormat(document.documentElement.lang, {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    });
  }

  clear() {
    this.list.replaceChildren();
    this.speaking = null;
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

  timed({ seconds, recognition_seconds: recognition, synthesis_seconds: synthesis }) {
    const parts = [];
    const part = (name, value) => {
      if (value !== null && value !== undefined) parts.push(`${name} ${this.seconds.format(value)} s`);
    };
    part(this.texts.recognition, recognition);
    part(this.texts.synthesis, synthesis);
    const detail = parts.length > 0 ? ` (${parts.join(", ")})` : "";
    this.#add("timing", `${this.texts.answered_after} ${this.seconds.format(seconds)} s${detail}`);
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

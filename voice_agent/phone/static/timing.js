// One turn's times: how long the caller waited for the answer, and for what.

// What is waited for one after the other; each part ends at the moment of its name.
const PARTS = ["pause", "decided", "reply", "sent", "heard"];

// What happens meanwhile, and ends whenever it does.
const MARKS = ["judged", "transcript"];

const FULL_WIDTH_MS = 1500;

export class Timing {
  // The element is a list's entry; only its first line is read out as it comes.
  constructor(seen, texts, language) {
    this.turn = seen.turn;
    this.texts = texts;
    this.whole = new Intl.NumberFormat(language);
    this.hundredths = new Intl.NumberFormat(language, {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    });
    this.moments = {
      pause: seen.pause_ms,
      judged: seen.judged_ms,
      transcript: seen.transcript_ms,
      decided: seen.decided_ms,
      reply: seen.reply_ms,
      sent: Math.round(seen.seconds * 1000),
    };
    this.recognition = seen.recognition_seconds;
    this.answered = create("p", "answered", `${texts.answered_after} ${this.#seconds(seen.seconds)}`);
    this.breakdown = create("div", "breakdown");
    this.breakdown.setAttribute("aria-live", "off");
    this.element = create("div", "timing");
    this.element.append(this.answered, this.breakdown);
    this.#show();
  }

  heard(milliseconds) {
    this.moments.heard = milliseconds;
    const heard = `${this.texts.heard_after} ${this.#seconds(milliseconds / 1000)}`;
    const later = create("span", "heard", heard);
    later.setAttribute("aria-live", "off");
    this.answered.append(", ", later);
    this.#show();
  }

  #show() {
    const parts = this.#parts();
    if (!parts) return;
    const bar = create("div", "bar");
    bar.setAttribute("aria-hidden", "true");
    const total = parts.reduce((sum, { ms }) => sum + ms, 0);
    bar.style.width = `${Math.min(100, (100 * total) / FULL_WIDTH_MS)}%`;
    const list = create("ul", "parts");
    for (const { name, ms } of parts) {
      if (ms > 0) {
        const part = create("span", name);
        part.style.flexGrow = String(ms);
        bar.append(part);
      }
      list.append(create("li", name, `${this.texts.part[name]} ${this.#milliseconds(ms)}`));
    }
    const marks = create("ul", "marks");
    marks.append(...this.#marks().map((mark) => create("li", "", mark)));
    this.breakdown.replaceChildren(bar, list, marks);
  }

  // Where each part begins the one before has ended; without every moment nothing can be told.
  #parts() {
    let from = 0;
    const parts = [];
    for (const name of PARTS) {
      const to = this.moments[name];
      if (!isKnown(to)) {
        if (name === "heard") break;
        return null;
      }
      parts.push({ name, ms: to - from });
      from = to;
    }
    return parts;
  }

  #marks() {
    const marks = MARKS.filter((name) => isKnown(this.moments[name])).map(
      (name) => `${this.texts.mark[name]} ${this.#milliseconds(this.moments[name])}`,
    );
    if (isKnown(this.recognition)) {
      const ms = Math.round(this.recognition * 1000);
      marks.push(`${this.texts.recognition} ${this.#milliseconds(ms)}`);
    }
    return marks;
  }

  #seconds(seconds) {
    return `${this.hundredths.format(seconds)}\u00a0s`;
  }

  #milliseconds(milliseconds) {
    return `${this.whole.format(milliseconds)}\u00a0ms`;
  }
}

function isKnown(value) {
  return value !== null && value !== undefined;
}

function create(tag, kind, words = "") {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = words;
  return element;
}

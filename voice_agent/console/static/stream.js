// Server-sent events that come back by themselves, and lead to the sign-in when the session is over.

const RETRY = 2_000;

export class Stream {
  // handlers: by the event's name, "message" for unnamed ones. onLine(up) tells of the connection.
  // A browser opens six connections to a server and no more: a page nobody sees gives its own up,
  // unless keeps() says that it is needed, and comes back when it is seen.
  constructor(address, handlers, onLine, keeps) {
    this.address = address;
    this.handlers = handlers;
    this.onLine = onLine;
    this.keeps = keeps;
    this.closed = false;
    this.open();
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", ({ persisted }) => persisted && window.location.reload());
  }

  open() {
    if (this.closed) return;
    this.source?.close();
    this.source = new EventSource(this.address);
    this.source.onopen = () => this.onLine(true);
    this.source.onerror = () => this.broken();
    for (const [name, handle] of Object.entries({ over: () => this.over(), ...this.handlers })) {
      this.source.addEventListener(name, (event) => {
        if (!this.closed) handle(JSON.parse(event.data));
      });
    }
  }

  seen() {
    const needed = document.visibilityState === "visible" || this.keeps();
    if (!needed) this.source.close();
    else if (this.source.readyState === EventSource.CLOSED) this.open();
  }

  broken() {
    if (this.closed) return;
    this.onLine(false);
    // The browser tries again unless it was refused; then it may be the session.
    if (this.source.readyState === EventSource.CLOSED) this.refused();
  }

  async refused() {
    this.source.close();
    try {
      const headers = { Accept: "text/html" };
      // No page is asked for: that would be a look, and keep somebody signed in.
      const answer = await fetch("/console/today", { redirect: "manual", headers });
      if (answer.type === "opaqueredirect" || answer.status === 401) return this.over();
    } catch {
      // the server is away; it is tried again
    }
    setTimeout(() => this.seen(), RETRY);
  }

  over() {
    this.close();
    window.location.reload(); // leads to the sign-in
  }

  close() {
    this.closed = true;
    this.source.close();
  }
}

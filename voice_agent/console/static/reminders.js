// The page of reminders: what stands there is asked for again every few seconds.

const EVERY = 10_000; // milliseconds

async function again() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/console/reminders/now");
    const old = document.getElementById("now");
    // Nothing is taken away under somebody's hand, and a session that is over leaves the last look.
    if (!answer.ok || answer.redirected || old.contains(document.activeElement)) return;
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = document.importNode(read.getElementById("now"), true);
    const table = fresh.querySelector("details");
    if (table) table.open = Boolean(old.querySelector("details")?.open);
    old.replaceWith(fresh);
  } catch {
    // what stands there stays, with its time
  }
}

setInterval(again, EVERY);
document.addEventListener("visibilitychange", again);

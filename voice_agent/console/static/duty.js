// Whether I take calls. The page keeps what I said; the server keeps it alive while a page is open.

import { facts, post, remember, remembered } from "./page.js";

let wish = remembered("available") === "on";
let sending = false;

export const wanted = () => wish;

export async function say(available) {
  wish = available;
  remember("available", available ? "on" : "off");
  return send("/console/duty");
}

async function send(address) {
  sending = true;
  try {
    return (await post(address, { available: wish })).ok;
  } catch {
    return false;
  } finally {
    sending = false;
  }
}

// After a call, or a moment without a page, the others know less than I said: it is said again,
// which keeps nobody signed in.
export function agree(duty) {
  const mine = duty.find(({ account }) => account === facts.account);
  if (mine && !mine.call && mine.available !== wish && !sending) send("/console/duty?again");
  return mine;
}

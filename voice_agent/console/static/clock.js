// The server's time in the page, and lengths of time as people read them.

let ahead = 0; // milliseconds the server's clock is ahead of the browser's

export function set(serverSeconds) {
  ahead = serverSeconds * 1000 - Date.now();
}

export const now = () => (Date.now() + ahead) / 1000;

export function told(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

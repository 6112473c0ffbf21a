import { call, get, post, setCSRF } from "./api.js";

const listeners = new Set();

/** Who is signed in at this screen; null = nobody. */
export let person = null;
/** Whether the station knows no person yet. */
export let isFirstStart = false;

/** Whether the person has a permission. The station decides; this only spares buttons that it would refuse. */
export function may(permission) {
  return person?.permissions?.includes(permission) ?? false;
}

export function onSession(listener) {
  listeners.add(listener);
}

let known = null;

function take(answer) {
  person = answer?.person ?? null;
  isFirstStart = answer?.first_start ?? false;
  setCSRF(answer?.csrf ?? null);
  const told = JSON.stringify([person, isFirstStart]);
  if (told === known) return answer;
  known = told;
  for (const listener of listeners) listener();
  return answer;
}

/** Notices when the station has signed the person off: after idle time, at the end of the shift. Looking keeps nobody signed in. */
export function watchSession() {
  setInterval(() => refresh().catch(() => {}), 20_000);
}

/** Asks who is signed in. */
export const refresh = async () => take(await get("/session"));
export const signIn = async (badge, pin) => take(await post("/session", { badge, pin }));
export const start = async (fields) => take(await post("/session/start", fields));

export async function signOff() {
  await call("DELETE", "/session");
  take(null);
  await refresh();
}

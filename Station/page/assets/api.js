import { pick, text } from "./language.js";

/** An answer that is no success: problem+json, or what can be said where there is none. */
export class Problem extends Error {
  /** @param {number} status 0 = no answer came @param {object} [body] */
  constructor(status, body, wait = 0) {
    super(
      pick({ zh: body?.detail_zh || body?.detail, en: body?.detail }) ||
        text(status ? "problem_status" : "problem_network", { status }),
    );
    [this.status, this.body, this.wait] = [status, body, wait];
  }

  /** The sentence, with the failure code before it where there is one. */
  get sentence() {
    return (this.body?.code ? `${this.body.code} ` : "") + this.message;
  }
}

/** Token that every change must carry; the session's answer brings it. */
let csrf = null;
export function setCSRF(token) {
  csrf = token;
}

const base = "/api/v1";

/**
 * Calls the station.
 * @param {string} path below `/api/v1`
 * @param {object|FormData} [body] sent as JSON, or as the form it is
 * @returns {Promise<object|null>}
 * @throws {Problem}
 */
export async function call(method, path, body) {
  const isForm = body instanceof FormData;
  const headers = { Accept: "application/json" };
  if (body && !isForm) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  let answer;
  try {
    answer = await fetch(base + path, {
      method,
      headers,
      cache: "no-store",
      credentials: "same-origin",
      body: isForm ? body : body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Problem(0);
  }
  const found = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, found, Number(answer.headers.get("Retry-After")) || 0);
  return found;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);

/** A list that may come bare or under its name. */
export const list = (answer, name) => (Array.isArray(answer) ? answer : (answer?.[name] ?? []));

/** An id in the form of a UUID, also where the browser has no `randomUUID` (plain HTTP). */
export function newID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

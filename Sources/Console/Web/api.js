// Requests to the console, and the stream of a conversation's events.

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let crossSiteToken = "";

export function useToken(token) {
  crossSiteToken = token;
}

export async function request(method, path, body) {
  const headers = {};
  if (method !== "GET") headers["X-Bulkhead-CSRF"] = crossSiteToken;
  const isRaw = body instanceof Blob;
  if (body !== undefined && !isRaw) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method, headers, cache: "no-store", credentials: "same-origin",
      body: body === undefined ? undefined : isRaw ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, "unreachable", "Bulkhead cannot be reached. Is it running?");
  }
  let answer = null;
  try { answer = await response.json(); } catch { /* Said below. */ }
  if (response.ok && answer !== null) return answer;
  throw new Refused(response.status, answer?.error?.code ?? "internal",
    answer?.error?.message ?? "Bulkhead answered with something that is not an answer (" + response.status + ").");
}

export const get = (path) => request("GET", path);
export const post = (path, body = {}) => request("POST", path, body);

const KINDS = ["entry", "draft", "tool", "approval", "approval_closed", "state", "done"];
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;

/**
 * Follows one conversation for as long as it is looked at: reconnects by itself with growing pauses, and rests while the
 * page has been hidden for a while (browsers allow few connections to one address).
 * handlers: event(kind, data), connected(), waiting(seconds), signedOut().
 */
export class EventFeed {
  constructor(conversation, after, handlers) {
    this.conversation = conversation;
    this.after = after;
    this.handlers = handlers;
    this.delay = FIRST_DELAY;
    this.visibility = () => this.visibilityChanged();
    document.addEventListener("visibilitychange", this.visibility);
    this.online = () => this.retryNow();
    window.addEventListener("online", this.online);
    this.connect();
  }

  connect() {
    this.disconnect();
    if (this.closed) return;
    const source = new EventSource(
      "/api/conversations/" + encodeURIComponent(this.conversation) + "/events?after=" + this.after);
    this.source = source;
    source.addEventListener("open", () => {
      this.delay = FIRST_DELAY;
      this.handlers.connected();
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (this.source !== source) return;
        const data = JSON.parse(event.data);
        if (kind === "entry") this.after = Math.max(this.after, data.seq);
        this.handlers.event(kind, data);
      });
    }
    source.addEventListener("error", () => { if (this.source === source) this.lost(); });
  }

  async lost() {
    this.disconnect();
    const pause = this.delay * (0.8 + 0.4 * Math.random());
    this.delay = Math.min(LONGEST_DELAY, this.delay * 2);
    this.retryAt = Date.now() + pause;
    this.timer = setTimeout(() => this.retryNow(), pause);
    this.handlers.waiting(Math.ceil(pause / 1000));
    try {
      await get("/api/me");
    } catch (error) {
      if (error.status === 401) { this.close(); this.handlers.signedOut(); }
    }
  }

  /** Asks anew before it follows on: what was live may have ended meanwhile. */
  async retryNow() {
    if (this.closed || this.source || this.isResting) return;
    clearTimeout(this.timer);
    try {
      await this.handlers.refresh?.();
      if (!this.closed && !this.source) this.connect();
    } catch (error) {
      if (error.status === 401) { this.close(); this.handlers.signedOut(); } else if (!this.closed) this.lost();
    }
  }

  visibilityChanged() {
    clearTimeout(this.restTimer);
    if (document.hidden) {
      this.restTimer = setTimeout(() => { this.isResting = true; this.disconnect(); }, 60_000);
    } else if (this.isResting) {
      this.isResting = false;
      this.retryNow();
    }
  }

  disconnect() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  close() {
    this.closed = true;
    this.disconnect();
    clearTimeout(this.restTimer);
    document.removeEventListener("visibilitychange", this.visibility);
    window.removeEventListener("online", this.online);
  }
}

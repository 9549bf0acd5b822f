// Requests. What changes something carries the text that only this page was told.
let csrf = "login";

export class Problem extends Error {
  constructor(status, body) {
    super(body.message || String(status));
    this.status = status;
    this.code = body.code || "";
  }
}

async function asked(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Problem(0, { code: "no_answer" });
  }
  const isJson = (answer.headers.get("content-type") || "").startsWith("application/json");
  const body = isJson ? await answer.json() : {};
  if (answer.ok) return body;
  if (answer.status === 401 && path !== "/page/login") for (const told of listeners) told();
  throw new Problem(answer.status, body);
}

const listeners = new Set();
export const onLoggedOut = (told) => listeners.add(told);

export function query(path, values) {
  const kept = Object.entries(values || {}).filter(([, value]) => value !== "" && value !== undefined);
  return kept.length ? `${path}?${new URLSearchParams(kept)}` : path;
}

export const read = (path, values) => asked(query(path, values), {});

export const order = (path, body) =>
  asked(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-tporder-csrf": csrf },
    body: JSON.stringify(body || {}),
  });

export async function currentSession() {
  const session = await read("/page/session");
  return session && begun(session);
}

export async function logIn(password, name) {
  csrf = "login";
  return begun(await order("/page/login", { password, name }));
}

export async function logOut() {
  await order("/page/logout").catch(() => {});
  csrf = "login";
}

function begun(session) {
  csrf = session.csrf;
  return session;
}

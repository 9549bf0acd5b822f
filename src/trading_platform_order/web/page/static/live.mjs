// The first screen's figures: asked for when something happened, and every few seconds anyway.
import { useEffect, useRef, useState } from "./vendor/hooks.mjs";
import { read } from "./api.mjs";
import { lang } from "./words.mjs";

const EVERY_MS = 3000;
const AT_MOST_EVERY_MS = 700;
const KINDS = ["standing", "trade", "refusal", "alert", "engine"];

export function useHome(session, language) {
  const [home, setHome] = useState(null);
  const [heardAt, setHeardAt] = useState(0);
  const [changes, setChanges] = useState(0);
  const asking = useRef({ at: 0, due: null, busy: false });

  useEffect(() => {
    if (!session) return undefined;
    let ended = false;
    const state = asking.current;

    async function look() {
      state.due = null;
      if (state.busy) return;
      state.busy = true;
      state.at = Date.now();
      try {
        const found = await read("/page/home", { lang: lang() });
        if (!ended) {
          setHome(found);
          setHeardAt(Date.now());
        }
      } catch {
        // The age of what is shown says so.
      } finally {
        state.busy = false;
      }
    }

    function soon() {
      if (state.due !== null) return;
      state.due = setTimeout(look, Math.max(0, state.at + AT_MOST_EVERY_MS - Date.now()));
    }

    look();
    const timer = setInterval(() => document.visibilityState === "visible" && soon(), EVERY_MS);
    const stream = new EventSource("/v1/events");
    for (const kind of KINDS) {
      stream.addEventListener(kind, () => {
        soon();
        if (kind !== "standing") setChanges((count) => count + 1);
      });
    }
    document.addEventListener("visibilitychange", soon);
    return () => {
      ended = true;
      clearInterval(timer);
      clearTimeout(state.due);
      state.due = null;
      stream.close();
      document.removeEventListener("visibilitychange", soon);
    };
  }, [session, language]);

  return { home, heardAt, changes };
}

// What one screen reads; anew when its question changes, or when something happened.
export function useRead(ask, inputs) {
  const [state, setState] = useState({ found: null, problem: null });
  useEffect(() => {
    let ended = false;
    ask().then(
      (found) => ended || setState({ found, problem: null }),
      (problem) => ended || setState((before) => ({ found: before.found, problem })),
    );
    return () => {
      ended = true;
    };
  }, inputs);
  return state;
}

// Re-renders every second, so that ages grow.
export function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

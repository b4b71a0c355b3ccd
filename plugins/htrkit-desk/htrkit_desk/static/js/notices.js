/** Short messages: seen for a while in a corner, and said to those who listen. */

import { button, byId, el } from "./dom.js";
import { texts } from "./texts.js";

const SHOWN = 7000;

/** Says something to screen readers alone. */
export function say(text) {
  byId("said").textContent = text;
}

/** Shows a message; what went wrong stays until it is closed. */
export function notice(text, { wrong = false, action = null } = {}) {
  const shown = el("li", { class: wrong ? "notice wrong" : "notice" }, el("span", {}, text));
  const close = () => shown.remove();
  if (action) {
    shown.append(button(action.text, () => {
      close();
      action.run();
    }, { class: "primary" }));
  }
  shown.append(button("✕", close, { class: "quiet", "aria-label": texts.close }));
  byId("notices").append(shown);
  if (!wrong) setTimeout(close, action ? 3 * SHOWN : SHOWN);
}

/** Runs something that asks the server, and shows why if it fails. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") notice(error.message, { wrong: true });
    return null;
  }
}

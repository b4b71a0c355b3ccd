/** The characters of the model's alphabet that no keyboard has, and which of a text the model does not know. */

import { button, byId, keptRows } from "./dom.js";
import { on, state } from "./store.js";
import { texts } from "./texts.js";

const PLAIN = /^[ -~]$/;
let alphabet = new Set();

/** Fills the palette; `insert(character)` is called for the one that is pressed. */
export function startPalette(insert) {
  const opener = byId("palette-opener");
  const show = keptRows(byId("palette"));
  opener.addEventListener("click", () => {
    const open = byId("palette").hidden;
    byId("palette").hidden = !open;
    opener.setAttribute("aria-expanded", open);
  });
  on("project", () => {
    const known = state.project.alphabet ?? "";
    const names = Array.isArray(known) ? known : [...known];
    alphabet = new Set(names.flatMap((name) => [...name]));
    const special = names.filter((name) => !PLAIN.test(name));
    const rest = names.filter((name) => PLAIN.test(name) && /[^\w\s]/.test(name));
    const key = (name) => button(name, () => insert(name), { "aria-label": texts.line.insert(name), title: code(name) });
    show([...special, ...rest].map((name) => [name, name, () => key(name)]));
  });
}

const code = (name) => [...name].map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ");

/** The characters of a text that the model does not know. */
export function outsideAlphabet(text) {
  if (!alphabet.size) return new Set();
  return new Set([...text].filter((character) => !alphabet.has(character)));
}

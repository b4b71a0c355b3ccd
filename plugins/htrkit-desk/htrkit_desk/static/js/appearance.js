/** Light or dark: as the system says, until a person says otherwise. */

import { byId } from "./dom.js";
import { emit } from "./store.js";
import { texts } from "./texts.js";

const KEY = "htrkit:appearance";
const NEXT = { system: "light", light: "dark", dark: "system" };

export function startAppearance() {
  show(localStorage.getItem(KEY) ?? "system");
  byId("appearance").addEventListener("click", () => {
    const next = NEXT[localStorage.getItem(KEY) ?? "system"];
    localStorage.setItem(KEY, next);
    show(next);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => emit("appearance"));
}

function show(name) {
  document.documentElement.dataset.appearance = name;
  byId("appearance").textContent = texts.appearance.signs[name];
  byId("appearance").title = texts.appearance.names[name];
  byId("appearance").setAttribute("aria-label", texts.appearance.names[name]);
  emit("appearance");
}

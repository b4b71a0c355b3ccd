/** The tabs beside the page: its text, and what the decoders make of a line. */

import { byId } from "./dom.js";
import { emit } from "./store.js";

const NAMES = ["transcript", "decoders"];

let shown = NAMES[0];

export const shownTab = () => shown;

export function startTabs() {
  for (const name of NAMES) byId(`tab-${name}`).addEventListener("click", () => showTab(name));
  byId("tabs").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    showTab(NAMES[(NAMES.indexOf(shown) + by + NAMES.length) % NAMES.length]);
    byId(`tab-${shown}`).focus();
  });
}

export function showTab(name) {
  shown = name;
  for (const one of NAMES) {
    byId(`tab-${one}`).setAttribute("aria-selected", one === name);
    byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    byId(`panel-${one}`).hidden = one !== name;
  }
  emit("tab", name);
}

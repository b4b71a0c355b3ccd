/** What else a word may be, in a row below it. */

import { byId, el } from "./dom.js";
import { texts } from "./texts.js";

let shown = null;

export function closeAlternatives({ focus = false } = {}) {
  if (!shown) return;
  const { list, field } = shown;
  shown = null;
  list.remove();
  if (focus) field.focus();
}

/** Shows a word's alternatives below `anchor`; `choose(text)` is called with the one that is taken. */
export function showAlternatives(word, anchor, field, choose, { focus }) {
  closeAlternatives();
  const others = word.alternatives.filter(({ text }) => text !== word.text);
  const take = (text) => () => {
    closeAlternatives({ focus: true });
    choose(text);
  };
  const percent = (value) => (value === null || value === undefined ? "" : texts.percent(value));
  const item = ({ text, confidence }, given) =>
    el("button", { type: "button", role: "menuitem", tabindex: -1, onclick: take(text), ...given },
      el("span", { class: "text", dir: "auto" }, text), el("small", {}, percent(confidence)));
  const list = el("div", { id: "alternatives", role: "menu", "aria-label": texts.line.alternatives(word.text) },
    item(word, { "aria-current": "true" }), ...others.map((one) => item(one, {})));
  list.addEventListener("keydown", key);
  byId("field").append(list);
  const [box, outer] = [anchor.getBoundingClientRect(), byId("field").getBoundingClientRect()];
  list.style.left = `${Math.max(0, Math.min(box.left - outer.left, outer.width - list.offsetWidth))}px`;
  const below = box.bottom + list.offsetHeight + 4 < innerHeight;
  list.style.top = `${below ? box.bottom - outer.top + 4 : box.top - outer.top - list.offsetHeight - 4}px`;
  shown = { list, field };
  if (focus) (list.children[1] ?? list.children[0]).focus();
}

function key(event) {
  const items = [...shown.list.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items[(to + items.length) % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeAlternatives({ focus: true });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => {
  if (shown && !shown.list.contains(event.target)) closeAlternatives();
});

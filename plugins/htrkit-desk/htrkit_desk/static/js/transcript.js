/** All lines of the page as text, to read along and to choose from. */

import { byId, el } from "./dom.js";
import { goesOn } from "./jobs.js";
import { chooseLine, emit, on, state } from "./store.js";
import { texts } from "./texts.js";

export function startTranscript() {
  on("opened", draw);
  on("page", draw);
  on("jobs", drawNone);
  on("line", () => {
    draw();
    byId("transcript").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  });
  byId("transcript").addEventListener("keydown", key);
  byId("transcript").addEventListener("click", (event) => {
    const id = event.target.closest("button")?.dataset.line;
    if (!id) return;
    chooseLine(id);
    if (event.detail) emit("write"); // a click; Enter on a line leaves the focus in the list
  });
}

function draw() {
  const list = byId("transcript");
  const lines = state.page?.lines ?? [];
  while (list.children.length > lines.length) list.lastChild.remove();
  while (list.children.length < lines.length) list.append(el("li", {}, item()));
  lines.forEach((line, index) => fill(list.children[index].firstChild, line));
  drawNone();
}

/** Of a page without lines, whether they are still being looked for. */
function drawNone() {
  const none = Boolean(state.page) && !state.page.lines.length;
  const soon = [...state.jobs.values()].some((job) => goesOn(job) && ["read", "segment"].includes(job.kind));
  byId("no-lines").hidden = !none || soon;
  byId("lines-soon").hidden = !none || !soon;
}

const item = () => el("button", { type: "button" }, el("span", { class: "mark" }), el("span", { class: "text", dir: "auto" }));

function fill(button, line) {
  const [mark, text] = button.children;
  const chosen = line.id === state.line;
  button.dataset.line = line.id;
  button.className = line.state;
  button.tabIndex = chosen || (!state.line && button.parentNode === button.parentNode.parentNode.firstChild) ? 0 : -1;
  if (chosen) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  mark.textContent = texts.marks[line.state];
  mark.setAttribute("aria-label", texts.states[line.state]);
  mark.setAttribute("role", "img");
  const shown = line.text || texts.line.nothing;
  if (text.textContent !== shown) text.textContent = shown;
}

function key(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const item = event.target.closest("li");
  const next = by === 1 ? item?.nextSibling : by === -1 ? item?.previousSibling : null;
  if (!next) return;
  event.preventDefault();
  chooseLine(next.firstChild.dataset.line);
  next.firstChild.focus();
}

/** Finds words in all texts of the project, and where they may stand though something else was read. */

import * as api from "./api.js";
import { byId, el, quietly, typing } from "./dom.js";
import { attempt, say } from "./notices.js";
import { flush } from "./open-page.js";
import { chosenLine, emit, state, summaryOf } from "./store.js";
import { texts } from "./texts.js";

let turn = 0;
let asking = Promise.resolve(); // the index may take long: it is asked one thing after the other, if that is still wanted

/** Calls `go(page, line)` for what is chosen. */
export function startSearch(go) {
  const field = byId("search");
  const box = byId("found-box");
  field.addEventListener("input", quietly(200, look));
  field.addEventListener("focus", () => field.value.trim() && look());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
    else if (event.key === "ArrowDown") box.querySelector("button")?.focus();
    else if (event.key === "Enter") box.querySelector("button")?.click();
    else return;
    event.preventDefault();
  });
  box.addEventListener("keydown", (event) => {
    const all = [...box.querySelectorAll("button")];
    const at = all.indexOf(event.target);
    const next = { ArrowDown: all[at + 1], ArrowUp: all[at - 1] }[event.key];
    if (event.key === "Escape" || (event.key === "ArrowUp" && !next)) field.focus();
    else next?.focus();
    if (event.key === "Escape") close(false);
    if (event.key.startsWith("Arrow")) event.preventDefault();
  });
  box.addEventListener("click", async (event) => {
    const { page, line, box: place } = event.target.closest("button")?.dataset ?? {};
    if (!page) return;
    close(false);
    await go(page, line);
    if (!place || state.page?.id !== page || state.line !== line) return;
    emit("hit", JSON.parse(place));
    byId("board").focus();
    say(texts.search.framed(field.value.trim(), chosenLine().text));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || typing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog")) return;
    event.preventDefault();
    field.focus();
  });
  document.addEventListener("pointerdown", (event) => event.target.closest("#finder") || close(false));
}

function close(empty) {
  turn += 1;
  if (empty) byId("search").value = "";
  byId("found-box").hidden = true;
}

async function look() {
  const words = byId("search").value.trim();
  const now = (turn += 1);
  if (!words) return close(false);
  await flush();
  const found = await attempt(() => api.search(words));
  if (now !== turn || !found) return undefined;
  byId("found").replaceChildren(...found.slice(0, 200).map(item));
  showHits([], "");
  byId("found-count").textContent = texts.search.count(found.length);
  byId("found-box").hidden = false;
  asking = asking.then(() => now === turn && attempt(() => api.hits(words)));
  const more = await asking;
  if (now !== turn || !more) return undefined;
  showHits(more.hits, aboutIndex(more));
  byId("found-count").textContent = texts.search.count(found.length, more.hits.length);
  return undefined;
}

function showHits(hits, note) {
  byId("hits").replaceChildren(...hits.map(hitItem));
  byId("perhaps").hidden = !hits.length;
  byId("found-note").textContent = note;
}

function aboutIndex({ problem, index, changed, command }) {
  if (problem) return problem;
  if (index === "missing") return texts.search.noIndex(command);
  return changed ? texts.search.oldIndex(changed, command) : "";
}

const nameOf = (page) => summaryOf(page)?.name ?? page;

function hitItem({ page, line, text, box, confidence }) {
  return el("li", {},
    el("button", { type: "button", "data-page": page, "data-line": line, "data-box": JSON.stringify(box) },
      el("small", {}, texts.search.sure(nameOf(page), confidence)),
      el("span", { class: "text", dir: "auto" }, text)));
}

function item({ page, line, text, start, end }) {
  return el("li", {},
    el("button", { type: "button", "data-page": page, "data-line": line },
      el("small", {}, nameOf(page)),
      el("span", { class: "text", dir: "auto" }, text.slice(0, start), el("mark", {}, text.slice(start, end)), text.slice(end))));
}

/** Finds words in all texts of the project. */

import * as api from "./api.js";
import { byId, el, quietly, typing } from "./dom.js";
import { attempt } from "./notices.js";
import { flush } from "./open-page.js";
import { summaryOf } from "./store.js";
import { texts } from "./texts.js";

let turn = 0;

/** Calls `go(page, line)` for the find that is chosen. */
export function startSearch(go) {
  const field = byId("search");
  const list = byId("found");
  field.addEventListener("input", quietly(200, look));
  field.addEventListener("focus", () => field.value.trim() && look());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
    else if (event.key === "ArrowDown") list.querySelector("button")?.focus();
    else if (event.key === "Enter") list.querySelector("button")?.click();
    else return;
    event.preventDefault();
  });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    const next = { ArrowDown: item?.nextSibling, ArrowUp: item?.previousSibling }[event.key];
    if (event.key === "Escape" || (event.key === "ArrowUp" && !next)) field.focus();
    else next?.firstChild?.focus();
    if (event.key === "Escape") close(false);
    if (event.key.startsWith("Arrow")) event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    close(false);
    go(chosen.dataset.page, chosen.dataset.line);
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
  byId("found-count").textContent = texts.search.count(found.length);
  byId("found-box").hidden = false;
  return undefined;
}

function item({ page, line, text, start, end }) {
  return el("li", {},
    el("button", { type: "button", "data-page": page, "data-line": line },
      el("small", {}, summaryOf(page)?.name ?? page),
      el("span", { class: "text", dir: "auto" }, text.slice(0, start), el("mark", {}, text.slice(start, end)), text.slice(end))));
}

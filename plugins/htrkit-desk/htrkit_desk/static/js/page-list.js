/** The pages of the project, with how far each is. */

import { byId, el, keptRows } from "./dom.js";
import { on, state } from "./store.js";
import { texts } from "./texts.js";

const FILTERS = {
  all: () => true,
  unread: (page) => page.read + page.corrected < page.lines || !page.lines,
  open: (page) => !page.finished && page.lines > 0,
  finished: (page) => page.finished,
  failed: (page) => page.failed,
};

const showRows = keptRows(byId("pages"));

/** Calls `go(page)` for the page that is chosen. */
export function startPageList(go) {
  byId("filter").append(...Object.keys(FILTERS).map((name) => el("option", { value: name }, texts.pages.filters[name])));
  byId("filter").addEventListener("change", draw);
  byId("filter-name").addEventListener("input", draw);
  byId("pages").addEventListener("click", (event) => {
    const id = event.target.closest("button")?.dataset.page;
    if (id) go(id);
  });
  byId("pages").addEventListener("keydown", key);
  on("project", draw);
  on("opened", () => {
    draw();
    byId("pages").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  });
}

/** The page that comes after another in the list. */
export function pageAfter(id) {
  const shown = state.project.pages.filter(fits);
  return shown[shown.findIndex((page) => page.id === id) + 1] ?? null;
}

const fits = (page) => {
  const wanted = byId("filter-name").value.trim().toLowerCase();
  return FILTERS[byId("filter").value](page) && page.name.toLowerCase().includes(wanted);
};

function draw() {
  const { pages = [], counts } = state.project ?? {};
  const shown = pages.filter(fits);
  showRows(shown.map((page) => [page.id, [page, page.id === state.page?.id], () => rowOf(page)]));
  byId("pages-count").textContent = counts ? texts.pages.count(shown.length, pages.length, counts) : "";
}

function rowOf(page) {
  const current = page.id === state.page?.id;
  const whole = page.lines || 1;
  const state_ = page.failed ? page.failed : texts.pages.progress(page);
  const progress = el("span", { class: "progress", "aria-hidden": "true" }, el("i", { class: "corrected" }), el("i", { class: "read" }));
  progress.children[0].style.width = `${(100 * page.corrected) / whole}%`;
  progress.children[1].style.width = `${(100 * page.read) / whole}%`;
  return el("li", {},
    el("button", { type: "button", "data-page": page.id, "aria-current": current ? "page" : null, class: page.failed ? "failed" : null },
      el("span", { class: "name" }, page.name),
      el("small", { class: page.failed ? "warning" : null }, page.finished ? `✓ ${texts.pages.finished}` : state_),
      progress));
}

function key(event) {
  const item = event.target.closest("li");
  const next = { ArrowDown: item?.nextSibling, ArrowUp: item?.previousSibling }[event.key];
  if (!next) return;
  event.preventDefault();
  next.firstChild.focus();
}

/** What can be done with whole pages: read, find lines, finish, go back to an earlier version, take out, export. */

import * as api from "./api.js";
import { button, byId, dialog, el } from "./dom.js";
import { startJob } from "./jobs.js";
import { attempt, notice } from "./notices.js";
import { closePage, edit, flush, openPage } from "./open-page.js";
import { finished } from "./page-model.js";
import { emit, on, state } from "./store.js";
import { texts } from "./texts.js";

export function startPageActions() {
  const here = () => [state.page.id];
  const actions = {
    "read-rest": () => startJob({ kind: "read" }),
    "read-page": () => startJob({ kind: "read", pages: here(), overwrite: true }),
    "find-lines": () => sure(texts.actions.findLines, texts.actions.findLinesSure, () => startJob({ kind: "segment", pages: here(), overwrite: true })),
    versions,
    "delete-page": () => sure(texts.actions.deletePage, texts.actions.deleteSure(state.page.name), deletePage),
  };
  for (const [id, action] of Object.entries(actions)) {
    byId(id).addEventListener("click", async () => {
      await flush();
      action();
    });
  }
  byId("finished").addEventListener("change", (event) => edit((page) => finished(page, event.target.checked)));
  byId("export-menu").addEventListener("opened", drawExports);
  on("page", draw);
  on("opened", draw);
}

function draw() {
  for (const one of document.querySelectorAll("[data-needs-page]")) {
    if ("disabled" in one) one.disabled = !state.page;
    else one.hidden = !state.page;
  }
  byId("finished").checked = Boolean(state.page?.finished);
  byId("page-name").textContent = state.page?.name ?? "";
}

/** Asks before something that takes work away. */
function sure(title, what, action) {
  const form = el("form", { method: "dialog" }, el("p", {}, what),
    el("p", { class: "actions" }, el("button", { value: "" }, texts.cancel), el("button", { value: "yes", class: "primary" }, title)));
  const shown = dialog(title, form);
  shown.addEventListener("close", () => shown.returnValue === "yes" && action());
}

async function deletePage() {
  const { id } = state.page;
  closePage();
  await attempt(() => api.deletePage(id));
  emit("project-changed");
}

async function versions() {
  const { id } = state.page;
  const found = await attempt(() => api.versions(id));
  if (!found) return;
  const restore = (version) => async () => {
    shown.close();
    if ((await attempt(() => api.restore(id, version))) === null) return;
    await openPage(id, state.line);
    notice(texts.versions.restored);
  };
  const rows = found.map(({ version, when, corrected }) =>
    el("li", {}, el("span", {}, texts.versions.row(new Date(when), corrected)), button(texts.versions.restore, restore(version))));
  const shown = dialog(texts.versions.title,
    rows.length ? el("ul", { class: "versions" }, ...rows) : el("p", {}, texts.versions.none),
    el("form", { method: "dialog" }, el("p", { class: "actions" }, el("button", {}, texts.close))));
}

function drawExports() {
  const pages = byId("export-page").checked && state.page ? [state.page.id] : null;
  byId("exports").replaceChildren(
    ...(state.components?.formats ?? []).map(({ name, summary }) =>
      el("a", { href: api.exportUrl(name, pages), download: "", "data-format": name },
        el("b", {}, texts.exports[name] ?? name), el("small", {}, summary ?? ""))),
  );
}

export function startExports() {
  byId("export-page").addEventListener("change", drawExports);
  byId("exports").addEventListener("click", flush);
}

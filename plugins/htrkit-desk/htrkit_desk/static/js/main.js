/** Starts the desk: every part is told of the others here, and nowhere else. */

import * as api from "./api.js";
import { startAppearance } from "./appearance.js";
import { startDecoders } from "./decoders.js";
import { byId, quietly } from "./dom.js";
import { startHelp } from "./help.js";
import { heardOf, startJobs } from "./jobs.js";
import { setLayout, startLayoutTools } from "./layout-tools.js";
import { startLineEditor } from "./line-editor.js";
import { startMenus } from "./menus.js";
import { attempt, notice } from "./notices.js";
import { canRedo, canUndo, closePage, knownVersion, openPage, redo, refresh, undo } from "./open-page.js";
import { startExports, startPageActions } from "./page-actions.js";
import { pageAfter, startPageList } from "./page-list.js";
import { startPageView } from "./page-view.js";
import { startSearch } from "./search.js";
import { startSettings } from "./settings.js";
import { chooseLine, emit, on, state, summaryOf } from "./store.js";
import { startTabs } from "./tabs.js";
import { startTeach } from "./teach.js";
import { fillTexts, texts } from "./texts.js";
import { startTranscript } from "./transcript.js";
import { startUpload } from "./upload.js";

async function loadProject() {
  const project = await attempt(api.project);
  if (!project) return;
  state.project = project;
  byId("project-name").textContent = project.name;
  byId("project-name").title = project.folder;
  document.title = texts.title(project.name);
  document.body.classList.toggle("empty", !project.pages.length);
  if (state.page && !summaryOf(state.page.id)) closePage();
  emit("project", project);
  if (!state.page) await openFromUrl();
}

async function go(page, line = null) {
  setLayout(false);
  document.body.classList.remove("list-open");
  if (state.page?.id === page && line) chooseLine(line);
  else await attempt(() => openPage(page, line));
}

const placeInUrl = () => {
  const place = state.page ? new URLSearchParams({ page: state.page.id, line: state.line ?? "" }) : "";
  history.replaceState(null, "", place ? `#${place}` : "#");
};

let opening = false;

async function openFromUrl() {
  if (opening) return;
  opening = true;
  const place = new URLSearchParams(location.hash.slice(1));
  const [asked, pages] = [summaryOf(place.get("page")), (state.project?.pages ?? []).filter((one) => !one.failed)];
  const page = asked && !asked.failed ? asked : (pages.find((one) => !one.finished) ?? pages[0]);
  if (page) await go(page.id, place.get("line") || null);
  opening = false;
}

function keysEverywhere(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog")) return;
  const inOtherField = event.target.matches("input, select");
  const name = event.key.toLowerCase();
  if (inOtherField || !["z", "y"].includes(name)) return;
  event.preventDefault();
  if (name === "y" || event.shiftKey) redo();
  else undo();
}

function heard({ type, ...what }) {
  if (type === "job") heardOf(what);
  else if (type === "export") notice(texts.actions.leftOut(what.name, what.left_out, what.count), { wrong: true });
  else if (type === "page") pageChanged(what);
  else {
    projectSoon();
    refreshSoon();
  }
}

const projectSoon = quietly(150, loadProject);
const refreshSoon = quietly(100, () => attempt(refresh));

function pageChanged(summary) {
  const at = state.project?.pages.findIndex((page) => page.id === summary.id) ?? -1;
  if (at < 0) return projectSoon();
  state.project.pages[at] = { ...state.project.pages[at], ...summary };
  countAgain();
  if (summary.id === state.page?.id && summary.version !== knownVersion()) refreshSoon();
  return undefined;
}

const countAgain = quietly(50, () => {
  const sum = (name) => state.project.pages.reduce((total, page) => total + Number(page[name]), 0);
  const { pages } = state.project;
  state.project.counts = { pages: pages.length, lines: sum("lines"), read: sum("read"), corrected: sum("corrected"), finished: sum("finished") };
  emit("project", state.project);
});

function showSaving(how) {
  const mark = byId("saving");
  mark.textContent = texts.saving[how];
  mark.className = `saving ${how}`;
}

function pageFinished() {
  const next = pageAfter(state.page.id);
  if (next) go(next.id).then(() => byId("text").focus());
  else notice(texts.line.lastPage);
}

/** Who has just dropped scans may write as soon as a line is there. */
function writeAtOnce(id) {
  if (id && document.body.classList.contains("new") && document.activeElement === document.body) byId("text").focus();
  if (id) document.body.classList.remove("new");
}

/** Filling the field has moved the place from which Tab goes on; it goes back to where the page begins. */
function tabFromTheTop() {
  if (document.activeElement !== document.body) return;
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}

async function start() {
  fillTexts(document);
  startAppearance();
  startPageView();
  startLayoutTools();
  startLineEditor();
  startTranscript();
  startTabs();
  startDecoders();
  startTeach();
  startMenus();
  startPageActions();
  startExports();
  startSettings();
  startHelp();
  startPageList((id) => go(id));
  startSearch(go);
  startUpload(loadProject);
  on("line", writeAtOnce);
  byId("skip").addEventListener("click", () => byId("text").focus());
  byId("undo").addEventListener("click", undo);
  byId("redo").addEventListener("click", redo);
  byId("list-opener").addEventListener("click", () => document.body.classList.toggle("list-open"));
  document.addEventListener("keydown", keysEverywhere);
  on("saving", showSaving);
  on("finished", pageFinished);
  on("project-changed", loadProject);
  for (const topic of ["page", "opened"]) {
    on(topic, () => {
      byId("undo").disabled = !canUndo();
      byId("redo").disabled = !canRedo();
    });
  }
  for (const topic of ["line", "opened"]) on(topic, placeInUrl);
  emit("opened", null);
  await loadProject();
  state.components = await attempt(api.components);
  await startJobs();
  api.listen(heard, () => {
    loadProject();
    attempt(refresh);
  });
  addEventListener("hashchange", openFromUrl);
  addEventListener("focus", refreshSoon);
  tabFromTheTop();
  document.body.classList.add("ready");
}

start();

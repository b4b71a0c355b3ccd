/** The page that is open: its edits, their undo, and that all of them reach the server. */

import * as api from "./api.js";
import { askWhose } from "./conflict.js";
import { draftsOf, dropDraft, forget, keepDraft } from "./drafts.js";
import { History } from "./history.js";
import { notice } from "./notices.js";
import { newId } from "./page-model.js";
import { equal, mergedPages, settled } from "./page-merge.js";
import { chooseLine, emit, state } from "./store.js";
import { texts } from "./texts.js";

const QUIET = 500; // milliseconds without an edit, then it is saved
const RETRY = 3000;
const NEW = "new"; // the version of a page that has no file

let base = null; // the page as the server last gave it
let history = null;
let timer = 0;
let sending = null;

const dirty = () => Boolean(base && state.page && !equal(base, state.page));

/** Opens a page; what was not saved of it the last time is put on top. */
export async function openPage(id, line = null) {
  await flush();
  const found = await api.page(id);
  const drafts = await draftsOf(state.project.folder, id);
  base = found;
  history = new History(`htrkit:history:${state.project.folder}:${id}`);
  show(found);
  const wanted = found.lines.find((one) => one.id === line) ?? nextToDo(found.lines);
  state.line = null;
  emit("opened", id);
  chooseLine(wanted?.id ?? null);
  emit("line", state.line);
  for (const draft of drafts) await merge(draft.base, state.page, draft.page, found.version !== draft.base.version);
  if (dirty()) changed();
  else saving("saved");
  forget(drafts);
}

/** The first line that nobody has confirmed yet, from `start` on, else the first of all. */
export function nextToDo(lines, start = 0) {
  return lines.slice(start).find((line) => line.state !== "corrected") ?? lines[start] ?? lines[0] ?? null;
}

export function closePage() {
  Object.assign(state, { page: null, line: null });
  base = history = null;
  emit("opened", null);
}

/** Makes another page of the open one; steps of the same `kind` in quick succession are undone together. */
export function edit(change, kind = null) {
  const before = state.page;
  const after = change(before);
  if (after === before || equal(before, after)) return;
  history.add(before, after, kind);
  show(after);
  changed();
}

export const undo = () => go(true);
export const redo = () => go(false);
export const canUndo = () => Boolean(history?.canUndo);
export const canRedo = () => Boolean(history?.canRedo);

function go(back) {
  if (!history) return;
  const { page, line } = history.go(state.page, back);
  if (page === state.page) return;
  show(page);
  if (line && page.lines.some((one) => one.id === line)) chooseLine(line);
  changed();
}

function show(page) {
  state.page = page;
  if (state.line && !page.lines.some((line) => line.id === state.line)) {
    state.line = nextToDo(page.lines)?.id ?? null;
    emit("page", page);
    emit("line", state.line);
  } else {
    emit("page", page);
  }
}

function changed() {
  keepDraft(state.project.folder, base, state.page);
  saving("saving");
  clearTimeout(timer);
  timer = setTimeout(save, QUIET);
}

/** Saves at once what is not saved yet. */
export async function flush() {
  clearTimeout(timer);
  if (sending) await sending;
  if (dirty()) await save();
}

function save() {
  clearTimeout(timer);
  sending ??= send().finally(() => {
    sending = null;
  });
  return sending;
}

async function send() {
  const sent = state.page;
  try {
    if (dirty()) received(await api.savePage(sent.id, body(sent)), sent);
  } catch (error) {
    if (error.status === 409) await reconcile(error.body.page, sent.id);
    else if (error.status === 0 || error.status >= 500) retry();
    else refused(error);
    return;
  }
  if (dirty()) timer = setTimeout(save, QUIET);
  else saving("saved");
}

const body = ({ finished, lines, regions }) => ({
  version: base.version,
  finished,
  regions,
  lines: lines.map(({ id, region, polygon, baseline, text, state }) => ({ id, region, polygon, baseline, text, state })),
});

/** What the server has now is the new base; what was edited while it was being sent stays. */
function received(page, sent) {
  base = page;
  if (state.page?.id !== page.id) return;
  show(mergedPages(sent, page, state.page).page);
  if (dirty()) keepDraft(state.project.folder, base, state.page);
  else dropDraft(state.project.folder, page.id);
}

/** The server has another page than this one was made of. */
async function reconcile(theirs, id) {
  if (state.page?.id !== id) return;
  await merge(base, theirs, state.page, true, theirs);
  if (dirty()) changed();
  else saving("saved");
}

/** Shows what two pages that were made of `old` are together, `server` being there; asks where both changed a line. */
async function merge(old, theirs, ours, told, server = base) {
  const before = state.page;
  // whoever took the file away did not mean the page that is being edited here
  const gone = server.version === NEW && old.version !== NEW;
  const { page, collisions } = gone ? { page: ours, collisions: [] } : mergedPages(old, theirs, ours);
  let merged = page;
  if (collisions.length) {
    saving("conflict");
    const choices = await askWhose(collisions);
    merged = settled(page, collisions, choices, newId);
  }
  if (!equal(merged, ours)) history.add(before, merged, null);
  base = server;
  show(merged);
  if (gone) notice(texts.saving.again);
  else if (told) notice(collisions.length ? texts.saving.settled : texts.saving.merged);
}

function retry() {
  saving("waiting");
  timer = setTimeout(save, RETRY);
}

function refused(error) {
  saving("refused");
  notice(error.message, { wrong: true });
}

/** The server has another version of the open page: a job went on, or someone else edited it. */
export async function refresh() {
  if (!state.page || sending) return;
  const id = state.page.id;
  const page = await api.page(id);
  if (sending || state.page?.id !== id || page.version === base.version) return;
  if (dirty()) return; // the next save will be told of it
  base = page;
  show(page);
  if (!state.line && page.lines.length) chooseLine(nextToDo(page.lines).id);
}

export const knownVersion = () => base?.version;

function saving(how) {
  emit("saving", how);
}

addEventListener("pagehide", () => {
  if (dirty()) save();
});

/** Whether the server knows a line where it stands now. */
export function isSaved(id) {
  const [saved, now] = [base, state.page].map((page) => page?.lines.find((line) => line.id === id));
  const shape = (line) => JSON.stringify([line.polygon, line.baseline]);
  return Boolean(saved && now && shape(saved) === shape(now));
}

/** Long work: what is running, how far it is, how to stop it, and what came of it. */

import * as api from "./api.js";
import { button, byId, el, keptRows } from "./dom.js";
import { attempt, say } from "./notices.js";
import { emit, on, state } from "./store.js";
import { texts } from "./texts.js";

const SHOWN = 8000; // milliseconds that a job which is done stays in the strip
const dismissed = new Set();
const showRows = keptRows(byId("jobs"));

export async function startJobs() {
  on("jobs", draw);
  for (const job of ((await attempt(api.jobs)) ?? []).reverse()) {
    state.jobs.set(job.id, job);
    if (["done", "cancelled"].includes(job.state)) dismissed.add(job.id);
  }
  emit("jobs");
}

export async function startJob(asked) {
  return answered(null, () => api.startJob(asked));
}

/** What the server answers about a job, unless it has told more of it meanwhile. */
async function answered(id, ask) {
  const before = state.jobs.get(id)?.state;
  const job = await attempt(ask);
  if (job && state.jobs.get(job.id)?.state === before) heardOf(job);
  return job;
}

/** A job began, went on or ended. */
export function heardOf(job) {
  const before = state.jobs.get(job.id)?.state;
  if (goesOn(job)) dismissed.delete(job.id);
  state.jobs.set(job.id, job);
  if (before !== job.state) {
    say(texts.jobs.said(job));
    if (job.state === "done" && !job.skipped?.length) setTimeout(() => dismiss(job.id), SHOWN);
  }
  emit("jobs");
}

export const goesOn = (job) => job.state === "running" || job.state === "waiting";

function dismiss(id) {
  dismissed.add(id);
  emit("jobs");
}

function draw() {
  const shown = [...state.jobs.values()].filter((job) => !dismissed.has(job.id));
  byId("jobs").hidden = !shown.length;
  showRows(shown.map((job) => [job.id, [job.state, job.error, job.skipped], () => row(job)]));
  shown.forEach((job, place) => showProgress(byId("jobs").children[place], job));
}

/** Brings what was made of a job to how far it is now. */
export function showProgress(node, job) {
  node.querySelector("progress")?.replaceWith(bar(job));
  node.querySelector(".far").textContent = texts.jobs.progress(job);
  return node;
}

function row(job) {
  return el("li", { class: `job ${job.state}` },
    el("b", {}, texts.jobs.kinds[job.kind] ?? job.kind),
    goesOn(job) ? bar(job) : null,
    el("span", { class: "far" }, texts.jobs.progress(job)),
    ...[job.error, ...(job.skipped ?? [])].filter(Boolean).map((reason) => el("span", { class: "warning" }, reason)),
    el("span", { class: "actions" }, actions(job)));
}

/** How far a job is; without a total it only shows that something goes on. */
export function bar(job) {
  const name = texts.jobs.kinds[job.kind] ?? job.kind;
  return job.total ? el("progress", { max: job.total, value: job.done, "aria-label": name }) : el("progress", { "aria-label": name });
}

function actions(job) {
  if (goesOn(job)) return [button(texts.jobs.stop, () => attempt(() => api.stopJob(job.id)))];
  const close = button("✕", () => dismiss(job.id), { class: "quiet", "aria-label": texts.close });
  if (job.state === "done") return [close];
  return [button(texts.jobs.resume, () => answered(job.id, () => api.resumeJob(job.id))), close];
}

/** Long work: what is running, how far it is, how to stop it, and what came of it. */

import * as api from "./api.js";
import { button, byId, el } from "./dom.js";
import { attempt, say } from "./notices.js";
import { emit, on, state } from "./store.js";
import { texts } from "./texts.js";

const SHOWN = 8000; // milliseconds that a job which is done stays in the strip
const dismissed = new Set();

export async function startJobs() {
  on("jobs", draw);
  for (const job of (await attempt(api.jobs)) ?? []) {
    state.jobs.set(job.id, job);
    if (["done", "cancelled"].includes(job.state)) dismissed.add(job.id);
  }
  emit("jobs");
}

export async function startJob(asked) {
  const job = await attempt(() => api.startJob(asked));
  if (job) heardOf(job);
  return job;
}

/** A job began, went on or ended. */
export function heardOf(job) {
  const before = state.jobs.get(job.id)?.state;
  if (before && before !== "running" && before !== "interrupted" && job.state === "running") dismissed.delete(job.id);
  state.jobs.set(job.id, job);
  if (before !== job.state) {
    say(texts.jobs.said(job));
    if (job.state === "done") setTimeout(() => dismiss(job.id), SHOWN);
    if (job.state !== "running") emit("ended", job);
  }
  emit("jobs");
}

export const running = (kind) => [...state.jobs.values()].find((job) => job.state === "running" && (!kind || job.kind === kind));

function dismiss(id) {
  dismissed.add(id);
  emit("jobs");
}

function draw() {
  const shown = [...state.jobs.values()].filter((job) => !dismissed.has(job.id));
  const strip = byId("jobs");
  const focused = document.activeElement?.dataset?.job;
  strip.hidden = !shown.length;
  strip.replaceChildren(...shown.map(row));
  if (focused) strip.querySelector(`[data-job="${CSS.escape(focused)}"]`)?.focus();
}

function row(job) {
  return el("li", { class: `job ${job.state}` },
    el("b", {}, texts.jobs.kinds[job.kind] ?? job.kind),
    job.state === "running" ? bar(job) : null,
    el("span", {}, texts.jobs.progress(job)),
    job.error ? el("span", { class: "warning" }, job.error) : null,
    el("span", { class: "actions" }, actions(job)));
}

/** How far a job is; without a total it only shows that something goes on. */
export function bar(job) {
  const name = texts.jobs.kinds[job.kind] ?? job.kind;
  return job.total ? el("progress", { max: job.total, value: job.done, "aria-label": name }) : el("progress", { "aria-label": name });
}

function actions(job) {
  const given = { "data-job": job.id };
  if (job.state === "running") return [button(texts.jobs.stop, () => attempt(() => api.stopJob(job.id)), given)];
  const close = button("✕", () => dismiss(job.id), { class: "quiet", "aria-label": texts.close, ...given });
  if (job.state === "done") return [close];
  const resume = async () => {
    const again = await attempt(() => api.resumeJob(job.id));
    if (again && again.id !== job.id) dismissed.add(job.id);
    if (again) heardOf(again);
  };
  return [button(texts.jobs.resume, resume), close];
}

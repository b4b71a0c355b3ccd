/** Learning from what was corrected: how far it is, what it brought, and reading the rest again. */

import * as api from "./api.js";
import { button, byId, dialog, el } from "./dom.js";
import { bar, goesOn, showProgress, startJob } from "./jobs.js";
import { attempt } from "./notices.js";
import { flush } from "./open-page.js";
import { on, state } from "./store.js";
import { texts } from "./texts.js";

const FEW = 20; // corrected lines; fewer rarely help

let shown = null; // the dialog's body, while it is open
let drawn = ""; // what it shows, but for how far the job is
let epochs = "";

export function startTeach() {
  byId("teach").addEventListener("click", open);
  on("jobs", draw);
  on("project", draw);
}

function open() {
  shown = el("div", { id: "teaching" });
  drawn = "";
  const close = el("form", { method: "dialog" }, el("p", { class: "actions" }, el("button", {}, texts.close)));
  dialog(texts.teach.title, el("p", {}, texts.teach.what), shown, close).addEventListener("close", () => (shown = null));
  draw();
}

const last = () => [...state.jobs.values()].filter((job) => job.kind === "teach").at(-1);

function draw() {
  if (!shown) return;
  const job = last();
  const mark = JSON.stringify([job?.id, job?.state, job?.error, job?.result, state.project.counts.corrected]);
  if (mark === drawn) {
    if (job && goesOn(job)) showProgress(shown, job);
    return;
  }
  drawn = mark;
  const focused = document.activeElement?.dataset?.do;
  shown.replaceChildren(...(job ? progress(job) : []), ...(job && goesOn(job) ? [] : begin(job)));
  if (focused) (shown.querySelector(`[data-do="${focused}"]`) ?? shown.querySelector("button"))?.focus();
}

function begin(job) {
  const { corrected } = state.project.counts;
  const start = async () => {
    await flush();
    await startJob({ kind: "teach", ...(epochs ? { epochs: Number(epochs) } : {}) });
  };
  return [
    el("p", {}, texts.teach.have(corrected), corrected < FEW ? ` ${texts.teach.few(FEW)}` : ""),
    el("label", { class: "field-row" }, el("small", {}, texts.teach.epochs),
      el("input", {
        id: "epochs", "data-do": "epochs", type: "number", min: 1, max: 200, placeholder: texts.teach.usual, value: epochs,
        oninput: (event) => (epochs = event.target.value),
      })),
    el("p", { class: "actions" },
      button(job ? texts.teach.again : texts.teach.start, start, { class: job?.result ? null : "primary", "data-do": "start", ...(corrected ? {} : { disabled: true }) })),
  ];
}

function progress(job) {
  const stop = button(texts.jobs.stop, () => attempt(() => api.stopJob(job.id)), { "data-do": "stop" });
  const resume = button(texts.jobs.resume, () => attempt(() => api.resumeJob(job.id)), { class: "primary", "data-do": "resume" });
  if (goesOn(job)) return [el("p", { class: "far" }, texts.jobs.progress(job)), bar(job), el("p", { class: "actions" }, stop)];
  if (job.state === "done" && job.result) return result(job.result);
  return [el("p", { class: "warning" }, job.error ?? texts.jobs.progress(job)), el("p", { class: "actions" }, resume)];
}

function result({ before, after, held_back: held, lines, chosen }) {
  const readRest = async () => {
    await startJob({ kind: "read", overwrite: true });
    shown?.closest("dialog").close();
  };
  return [
    el("dl", { class: "before-after" },
      el("div", {}, el("dt", {}, texts.teach.before), el("dd", {}, texts.percent(before, 1))),
      el("div", {}, el("dt", {}, texts.teach.after), el("dd", {}, texts.percent(after, 1)))),
    el("p", {}, texts.teach.measured(held, lines)),
    el("p", { class: chosen ? "chip corrected" : "chip" }, chosen ? texts.teach.better : texts.teach.notBetter),
    chosen ? el("p", { class: "actions" }, button(texts.teach.readRest, readRest, { class: "primary", "data-do": "rest" })) : null,
  ].filter(Boolean);
}

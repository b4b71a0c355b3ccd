/** Scans are dropped anywhere on the page, pasted, or chosen; then their lines are found and read. */

import * as api from "./api.js";
import { byId } from "./dom.js";
import { startJob } from "./jobs.js";
import { attempt, notice, say } from "./notices.js";
import { emit, state } from "./store.js";
import { texts } from "./texts.js";

/** Calls `added()` once files have become pages. */
export function startUpload(added) {
  const chooser = byId("files");
  for (const opener of document.querySelectorAll("[data-choose]")) opener.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    const files = [...chooser.files];
    chooser.value = "";
    await add(files, added);
  });
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  let over = 0;
  const show = (by) => {
    over = by ? over + by : 0;
    document.body.classList.toggle("dropping", over > 0);
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && show(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(0);
    add([...event.dataTransfer.files], added);
  });
  addEventListener("paste", (event) => event.clipboardData.files.length && add([...event.clipboardData.files], added));
}

async function add(files, added) {
  if (!files.length) return;
  say(texts.upload.sending(files.length));
  document.body.classList.add("uploading");
  const answer = await attempt(() => api.addFiles(files));
  document.body.classList.remove("uploading");
  if (!answer) return;
  answer.failed.forEach(({ name, reason }) => notice(texts.upload.failed(name, reason), { wrong: true }));
  emit("project-changed");
  if (!answer.added.length) return;
  if (!state.page) document.body.classList.add("new");
  await added();
  const toRead = answer.added.filter((page) => page.read + page.corrected < page.lines || !page.lines);
  if (byId("read-at-once").checked && toRead.length) await startJob({ kind: "read", pages: toRead.map(({ id }) => id) });
}

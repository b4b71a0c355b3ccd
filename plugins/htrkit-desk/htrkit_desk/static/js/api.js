/** What the page asks of the server, and how it hears that something went wrong. */

import { texts } from "./texts.js";

/** An answer that is an error; `status` is 0 if the server did not answer, `body` what it said. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error ?? texts.errors.status(status));
    Object.assign(this, { status, body });
  }
}

async function send(method, path, { json, form, signal } = {}) {
  const headers = method === "GET" ? {} : { "X-Htrkit": "1" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: form ?? (json === undefined ? undefined : JSON.stringify(json)), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { error: texts.errors.noAnswer });
  }
  if (!answer.ok) {
    const body = await answer.json().catch(() => null);
    throw new Refused(answer.status, body?.page?.lines ? { ...body, page: inUnits(body.page) } : body);
  }
  return answer;
}

async function ask(method, path, given) {
  const answer = await send(method, path, given);
  return answer.status === 204 ? null : answer.json();
}

const pagePath = (page) => `/api/pages/${encodeURIComponent(page)}`;
const linePath = (page, line) => `${pagePath(page)}/lines/${encodeURIComponent(line)}`;

export const project = () => ask("GET", "/api/project");
export const components = () => ask("GET", "/api/components");
export const saveSettings = (settings) => ask("PUT", "/api/settings", { json: settings });
export const page = async (id) => inUnits(await ask("GET", pagePath(id)));
export const savePage = async (id, json) => inUnits(await ask("PUT", pagePath(id), { json }));
export const deletePage = (id) => ask("DELETE", pagePath(id));
export const versions = (id) => ask("GET", `${pagePath(id)}/versions`);
export const restore = (id, version) => ask("POST", `${pagePath(id)}/versions/${encodeURIComponent(version)}`);
export const network = (page, line) => ask("GET", `${linePath(page, line)}/network`);
export const jobs = () => ask("GET", "/api/jobs");
export const startJob = (json) => ask("POST", "/api/jobs", { json });
export const stopJob = (id) => ask("DELETE", `/api/jobs/${encodeURIComponent(id)}`);
export const resumeJob = (id) => ask("POST", `/api/jobs/${encodeURIComponent(id)}/resume`);
export const search = async (words) =>
  (await ask("GET", `/api/search?q=${encodeURIComponent(words)}`)).map((find) => ({ ...find, ...units(find.text, find) }));

export const imageUrl = (page, version, width) => `${pagePath(page)}/image?v=${version}${width ? `&width=${width}` : ""}`;
export const lineImageUrl = (page, line, version) => `${linePath(page, line)}/image?v=${version}`;

export function exportUrl(format, pages) {
  const asked = new URLSearchParams({ format });
  for (const id of pages ?? []) asked.append("pages", id);
  return `/api/export?${asked}`;
}

export function addFiles(files) {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return ask("POST", "/api/pages", { form });
}

/** The server counts characters, JavaScript counts halves of those that are rare. */
function units(text, { start, end }) {
  const characters = [...text];
  const at = (place) => characters.slice(0, place).join("").length;
  return { start: at(start), end: at(end) };
}

function inUnits(page) {
  const lines = page.lines.map((line) => ({ ...line, words: line.words.map((word) => ({ ...word, ...units(line.text, word) })) }));
  return { ...page, lines };
}

/** Each decoder's reading of a line, given to `found` as it comes, until `signal` says that nobody wants them. */
export async function decode(page, line, decoders, found, signal) {
  const answer = await send("POST", `${linePath(page, line)}/decode`, { json: { decoders }, signal });
  const lines = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let { value, done } = await lines.read(); !done; { value, done } = await lines.read()) {
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    parts.filter(Boolean).forEach((part) => found(JSON.parse(part)));
  }
  if (rest.trim()) found(JSON.parse(rest));
}

/** Calls `heard` for every event that the server sends, and `again` whenever the connection comes back. */
export function listen(heard, again) {
  const events = new EventSource("/api/events");
  let lost = false;
  events.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  events.addEventListener("error", () => (lost = true));
  events.addEventListener("open", () => {
    if (lost) again();
    lost = false;
  });
}

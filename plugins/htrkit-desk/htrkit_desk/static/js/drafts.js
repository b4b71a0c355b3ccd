/** What is not saved yet, kept in the browser: each window has its own, and takes over those of windows that are gone. */

const ANSWER = 150; // milliseconds in which the other windows say that they are there
const ME = Math.random().toString(36).slice(2).padEnd(8, "0");
const windows = new BroadcastChannel("htrkit-drafts");

windows.addEventListener("message", ({ data }) => data.asked && data.asked !== ME && windows.postMessage({ here: ME }));

const begins = (project, page) => `htrkit:draft:${project}:${page}:`;

/** The windows that are open, but for this one. */
async function others() {
  const found = new Set();
  const hear = ({ data }) => data.here && found.add(data.here);
  windows.addEventListener("message", hear);
  windows.postMessage({ asked: ME });
  await new Promise((done) => setTimeout(done, ANSWER));
  windows.removeEventListener("message", hear);
  return found;
}

/** The drafts of a page that this window, or one that is gone, has left; the oldest first, each with its `key`. */
export async function draftsOf(project, page) {
  const start = begins(project, page);
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(start) && /^[a-z0-9]+$/.test(key.slice(start.length)));
  if (!keys.length) return [];
  const open = keys.every((key) => key.endsWith(ME)) ? new Set() : await others();
  const left = keys.filter((key) => !open.has(key.slice(start.length)));
  return left.map((key) => ({ ...parsed(localStorage.getItem(key)), key })).filter((one) => one.page).sort((a, b) => a.when - b.when);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Keeps the page as it is here, and the one that it was made of. */
export function keepDraft(project, base, page) {
  try {
    localStorage.setItem(begins(project, page.id) + ME, JSON.stringify({ base, page, when: Date.now() }));
  } catch {
    // without room for it, the save half a second later must do
  }
}

export const dropDraft = (project, page) => localStorage.removeItem(begins(project, page) + ME);

/** Of drafts that have been taken over, this window's own stays. */
export function forget(drafts) {
  for (const { key } of drafts) if (!key.endsWith(ME)) localStorage.removeItem(key);
}

/** What the page knows, and who wants to hear when it changes. */

export const state = {
  project: null, // as GET /api/project
  components: null, // as GET /api/components
  page: null, // the open page as it is here, edits that are not saved included
  line: null, // the id of the chosen line
  layout: false, // whether the layout is being edited rather than the text
  jobs: new Map(),
};

const listeners = new Map();

/** Topics: project, page (opened or edited), opened, line, layout, saving, jobs, word, hit (its box). */
export function on(topic, callback) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(callback);
}

export function emit(topic, detail) {
  for (const callback of listeners.get(topic) ?? []) callback(detail);
}

export const chosenLine = () => state.page?.lines.find((line) => line.id === state.line) ?? null;

export function chooseLine(id) {
  if (id === state.line) return;
  state.line = id;
  emit("line", id);
}

/** What a summary in the list says of a page. */
export const summaryOf = (id) => state.project?.pages.find((page) => page.id === id) ?? null;

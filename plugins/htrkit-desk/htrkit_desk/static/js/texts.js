/** Every text of the desk, in English. A translation is another file like this one. */

const LANGUAGE = "en";
const number = (value) => value.toLocaleString(LANGUAGE);
const of = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;
const percent = (value, digits = 0) =>
  value.toLocaleString(LANGUAGE, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });

export const texts = {
  title: (project) => `${project} – htrkit desk`,
  percent,
  seconds: (value) => (value < 0.1 ? `${Math.max(1, Math.round(value * 1000))} ms` : `${value.toFixed(1)} s`),
  close: "Close",
  cancel: "Cancel",
  skip: "Skip to the line",
  undo: "Undo",
  redo: "Redo",
  states: { empty: "not read", read: "read", corrected: "right" },
  marks: { empty: "○", read: "◐", corrected: "✓" },
  errors: {
    noAnswer: "The server does not answer. Is htrkit serve still running?",
    status: (status) => `The server answered with an error (${status}).`,
  },
  saving: {
    saved: "✓ Saved",
    saving: "Saving …",
    waiting: "Not saved yet: the server does not answer. Trying again …",
    conflict: "Edited elsewhere too",
    refused: "Not saved",
    merged: "This page was edited elsewhere too. The edits of both are here now.",
    again: "The file of this page was deleted elsewhere. It is written anew, as the page is here.",
    settled: "The lines are as you chose.",
  },
  conflict: {
    title: "Edited in two places",
    what: (count) => `${of(count, "line was", "lines were")} changed here and elsewhere – in another window, by another program. What shall stand?`,
    ours: "Mine",
    theirs: "The other",
    both: "Both, as two lines",
    allOurs: "All mine",
    allTheirs: "All of the other",
    save: "Keep what is chosen",
    emptyLine: "(empty)",
  },
  pages: {
    heading: "Pages",
    list: "Pages of the project",
    filter: "Show",
    find: "Find by name",
    filters: { all: "all pages", unread: "not read yet", open: "to correct", finished: "finished", failed: "failed" },
    finished: "finished",
    count: (shown, all, counts) =>
      shown === all ? `${of(all, "page", "pages")}, ${number(counts.finished)} finished` : `${number(shown)} of ${of(all, "page", "pages")}`,
    progress: ({ lines, read, corrected, pending }) => {
      if (pending) return "…";
      if (!lines) return "no lines yet";
      if (corrected) return `${number(corrected)} of ${of(lines, "line", "lines")} right`;
      return read ? `${of(lines, "line", "lines")} read` : `${of(lines, "line", "lines")}, not read`;
    },
  },
  upload: {
    title: "Drop scans here",
    what: "Images or PDF files – with PAGE XML or ALTO beside them, if you have that. They stay on this machine.",
    choose: "Choose files …",
    add: "Add scans",
    atOnce: "Find the lines and read them at once",
    drop: "Let go to add them",
    uploading: "Adding …",
    sending: (count) => `Adding ${of(count, "file", "files")}.`,
    failed: (name, reason) => `${name}: ${reason}`,
  },
  view: {
    board: "The page",
    label: (name, lines) => `${name}, ${of(lines, "line", "lines")}. Arrows move the picture, plus and minus zoom, 0 shows all.`,
    none: "No page is open",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Show all",
  },
  line: {
    section: "The line",
    name: (index, count) => `Line ${number(index)} of ${number(count)}`,
    field: (index, count) => `Text of line ${index} of ${count}`,
    picture: (index) => `The handwriting of line ${index}`,
    now: (index, text) => `Line ${index}: ${text}`,
    previous: "Line before",
    next: "Next line",
    right: "Right, next",
    doubtful: (count) => (count ? `${of(count, "word", "words")} in doubt: Tab goes there, Alt ↓ shows what else it may be` : ""),
    word: (text, confidence, others) =>
      `${text}${confidence === null ? "" : `, ${percent(confidence)} sure`}${others ? `, ${of(others, "alternative", "alternatives")}` : ""}`,
    alternatives: (text) => `What else “${text}” may be`,
    characters: "Characters",
    palette: "Characters of the model's alphabet",
    insert: (name) => `Insert ${name}`,
    outside: (characters) => `The model does not know ${characters} – it can be written, but not read or learnt.`,
    nothing: "–",
    end: (open) =>
      open ? `That was the last line; ${of(open, "line is", "lines are")} still to be looked at.` : "Every line of this page is right.",
    finish: "Go on",
    lastPage: "That was the last page.",
  },
  tabs: { label: "Text and decoders", transcript: "Text", decoders: "Decoders", noLines: "No lines have been found on this page yet.", findAndRead: "Find and read them with Read.", soon: "The lines are shown here as soon as this page has had its turn." },
  decoders: {
    what: "What each decoder makes of the chosen line.",
    legend: "Struck out: yours alone. Underlined: the decoder's alone.",
    more: "With other options",
    moreHelp: "The reading below follows as you type.",
    which: "Decoder",
    again: "Ask again",
    waiting: "Reading …",
    same: "✓ as yours",
    chosen: "chosen",
    use: "Use this text",
    readPage: "Read the whole page with it",
    confidence: "Confidence",
    done: (count) => `${of(count, "decoder has", "decoders have")} read the line.`,
    heat: "What the network saw",
    seen: (labels, frames) => `Probability of ${labels} over ${frames} frames`,
    caption: "Probability of each character from left to right; the stronger the colour, the more probable.",
    pointAt: "Point at a column, or go there with the arrow keys, to see what was most probable.",
    frame: (frame, best) => `Frame ${frame}: ${best}`,
    blank: "blank",
  },
  layout: {
    toggle: "Edit layout",
    tools: "Layout tools",
    on: "Editing the layout.",
    off: "Editing the text.",
    draw: "Draw a line",
    split: "Split",
    merge: "Merge with next",
    remove: "Delete",
    earlier: "Read earlier",
    later: "Read later",
    done: "Line is done",
    hints: {
      move: "Drag the points of the chosen line; arrows move the one that has the focus.",
      draw: "Click along the foot of the writing, from left to right; then Enter. Keys: arrows, Space, Enter.",
      split: "Click where the line shall be cut. Keys: arrows, Enter.",
    },
    point: (kind, index, count) => `${kind === "polygon" ? "Outline" : "Base line"}, point ${index} of ${count}`,
    grip: "Move the whole line",
    twoPoints: "A line needs two points at least.",
    drawn: "The line is drawn.",
    splitDone: "The line is split.",
    merged: "The lines are merged.",
    removed: "The line is deleted; Ctrl Z brings it back.",
    ordered: (place) => `It is read as line ${place} now.`,
  },
  actions: {
    read: "Read",
    readRest: "Read what is not read yet",
    readPage: "Read this page again",
    findLines: "Find the lines again",
    findLinesSure: "The lines of this page are thrown away and looked for again, with what was written in them. An earlier version can be brought back.",
    page: "Page",
    finished: "This page is finished",
    versions: "Earlier versions …",
    deletePage: "Take the page out …",
    deleteSure: (name) => `${name} is taken out of the project, with its text.`,
    teach: "Teach",
    export: "Export",
    exportPage: "Only this page",
    leftOut: (name, reasons, count) =>
      `${name} lacks ${of(count, "page or line", "pages or lines")}. ${reasons.join("; ")}${count > reasons.length ? " …" : ""}`,
    settings: "Settings",
    help: "Keys",
    list: "Pages",
  },
  versions: {
    title: "Earlier versions of this page",
    none: "There are none yet.",
    row: (when, corrected) => `${when.toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" })}, ${of(corrected, "line", "lines")} right`,
    restore: "Bring back",
    restored: "The earlier version is back; what was there before is kept as a version.",
  },
  exports: {
    "page-xml": "PAGE XML", alto: "ALTO XML", hocr: "hOCR", txt: "Plain text", jsonl: "JSON lines", pdf: "Searchable PDF",
    table: "Table to train with", zip: "All of it, zipped",
  },
  search: {
    label: "Search all texts",
    count: (count, likely = 0) =>
      `${count ? of(count, "find", "finds") : "Nothing found"}${likely ? `, perhaps ${of(likely, "place", "places")} more` : ""}`,
    perhaps: "Perhaps also here",
    sure: (page, confidence) => `${page} · ${percent(confidence)} sure`,
    framed: (words, text) => `“${words}” is framed on the page, on a line that was read as “${text}”.`,
    noIndex: (command) => `What was read wrongly is found too, after: ${command}`,
    oldIndex: (changed, command) => `${of(changed, "page has", "pages have")} changed since the index was made. To bring it up to date: ${command}`,
  },
  settings: {
    title: "Settings",
    save: "Save",
    model: "Model",
    modelHelp: "The network that reads the lines.",
    decoder: "Decoder",
    decoderHelp: "Turns what the network saw into text.",
    segmenter: "Segmenter",
    segmenterHelp: "Finds the lines on a page.",
  },
  teach: {
    title: "Teach",
    what: "The model learns from the lines that you corrected. Some of them are held back, to see whether it reads better afterwards.",
    have: (count) => `${of(count, "line is", "lines are")} corrected.`,
    few: (enough) => `Fewer than ${enough} rarely help.`,
    start: "Learn from what I corrected",
    again: "Learn again",
    epochs: "Epochs (times that it goes through the lines)",
    usual: "as usual",
    before: "Errors before",
    after: "Errors after",
    measured: (held, lines) => `Characters read wrongly, on ${of(held, "line", "lines")} held back; ${number(lines - held)} were learnt from.`,
    better: "It reads better: the new model is chosen now.",
    notBetter: "It does not read better: the old model stays.",
    readRest: "Read the rest again",
  },
  jobs: {
    strip: "Work that goes on",
    kinds: { segment: "Finding lines", read: "Reading", teach: "Learning", unpack: "Drawing pages" },
    stop: "Stop",
    resume: "Go on",
    units: { read: "lines", segment: "pages", unpack: "pages", teach: "epochs" },
    states: { waiting: "waits for its turn", running: "has begun", done: "done", failed: "failed", cancelled: "stopped", interrupted: "interrupted" },
    at: {
      page: (page) => page,
      drawing: (file) => `drawing the pages of ${file}`,
      cutting: (lines) => lines ? `cutting out the corrected lines: ${lines}` : "cutting out the corrected lines",
      beginning: () => "the training begins",
      epoch: (cer, minutes) => `CER ${cer} % on the lines held back${minutes === "0" ? "" : `, ${minutes} min left at most`}`,
      comparing: () => "comparing the new model with the one before",
    },
    progress: (job) => {
      const unit = texts.jobs.units[job.kind] ?? "";
      const far = job.total ? `${number(job.done)} of ${number(job.total)} ${unit}` : job.done ? `${number(job.done)} ${unit}` : "";
      if (job.state === "waiting") return texts.jobs.states.waiting;
      const said = job.state === "running" ? [far, texts.jobs.at[job.note[0]]?.(...job.note.slice(1))] : [texts.jobs.states[job.state], far];
      return said.filter(Boolean).join(" · ");
    },
    said: (job) => `${texts.jobs.kinds[job.kind] ?? job.kind} ${texts.jobs.states[job.state]}`,
  },
  appearance: {
    signs: { system: "◐", light: "☀", dark: "☾" },
    names: { system: "Light or dark as the system has it", light: "Light", dark: "Dark" },
  },
  help: {
    title: "Keys",
    groups: [
      ["In the text", [
        [["Enter"], "the line is right, on to the next"], [["↑", "↓"], "line before, next line"],
        [["Tab", "Shift Tab"], "next doubtful word, the one before"], [["Alt ↓"], "what else the word may be"],
        [["Ctrl Z", "Shift Ctrl Z"], "undo, redo"],
      ]],
      ["On the page", [
        [["+", "−", "0"], "zoom in, out, show all"], [["arrows"], "move the picture"], [["Ctrl wheel"], "zoom"],
      ]],
      ["Editing the layout", [
        [["D"], "draw a line"], [["S"], "split the line"], [["M"], "merge with the next"], [["Delete"], "delete the line or the point"],
        [["Insert"], "a point more, behind this one"],
        [["Alt ↑", "Alt ↓"], "read earlier, later"], [["Page ↑", "Page ↓"], "choose another line"], [["Esc"], "back to the text"],
      ]],
      ["Anywhere", [[["/"], "search"], [["?"], "this list"]]],
    ],
  },
};

const told = (path) => path.split(".").reduce((found, name) => found[name], texts);

/** Puts the texts into a document whose elements name them: data-text, data-label, data-placeholder, data-title. */
export function fillTexts(document) {
  const fill = (attribute, put) =>
    document.querySelectorAll(`[data-${attribute}]`).forEach((one) => put(one, told(one.dataset[attribute])));
  fill("text", (one, text) => (one.textContent = text));
  for (const [attribute, name] of [["label", "aria-label"], ["placeholder", "placeholder"], ["title", "title"]]) {
    fill(attribute, (one, text) => one.setAttribute(name, text));
  }
}

/** The chosen line: its picture, and below it the text to correct, keyboard first. */

import { lineImageUrl } from "./api.js";
import { closeAlternatives, showAlternatives } from "./alternatives.js";
import { byId, el } from "./dom.js";
import { say } from "./notices.js";
import { edit, isSaved } from "./open-page.js";
import { outsideAlphabet, startPalette } from "./palette.js";
import * as model from "./page-model.js";
import { chooseLine, chosenLine, emit, on, state } from "./store.js";
import { texts } from "./texts.js";
import { forgetReadings, runs, wordsNow } from "./word-marks.js";

let editing = null; // the id of a line that was edited since it was chosen: its doubtful words stay marked

let fresh = false; // whether the field has not had the focus since the line was chosen

const focused = () => document.activeElement === byId("text");

/** The caret goes to the start, so that Tab goes to the first word in doubt. */
function toStart() {
  if (fresh) byId("text").setSelectionRange(0, 0);
  fresh = false;
}

export function startLineEditor() {
  const field = byId("text");
  field.addEventListener("input", () => write(field.value.replaceAll("\n", " ")));
  field.addEventListener("keydown", key);
  field.addEventListener("click", () => offer(false));
  field.addEventListener("focus", toStart);
  field.addEventListener("keyup", tellWord);
  field.addEventListener("scroll", () => (byId("marks").scrollTop = field.scrollTop));
  document.addEventListener("selectionchange", () => focused() && tellWord());
  byId("right").addEventListener("click", confirm);
  byId("previous").addEventListener("click", () => go(-1));
  byId("next").addEventListener("click", () => go(1));
  byId("finish").addEventListener("click", finish);
  startPalette(insert);
  on("line", chosen);
  on("page", draw);
  on("opened", forgetReadings);
  on("project", draw);
  on("saving", (how) => how === "saved" && showPicture());
  on("write", () => field.focus());
}

function chosen() {
  editing = null;
  closeAlternatives();
  byId("end").hidden = true;
  draw();
  showPicture();
  fresh = true;
  if (focused()) toStart();
  emit("word", null);
}

const words = (line) => (line.state === "corrected" && editing !== line.id ? [] : wordsNow(line));

function draw() {
  const line = chosenLine();
  const field = byId("text");
  byId("writing").hidden = !line;
  if (!line) return;
  if (field.value !== line.text) {
    const at = Math.min(field.selectionStart, line.text.length);
    field.value = line.text;
    if (focused()) field.setSelectionRange(at, at);
  }
  const number = model.indexOf(state.page, line.id) + 1;
  byId("line-name").textContent = texts.line.name(number, state.page.lines.length);
  field.setAttribute("aria-label", texts.line.field(number, state.page.lines.length));
  const mark = byId("line-state");
  mark.textContent = texts.states[line.state];
  mark.className = `chip ${line.state}`;
  byId("previous").disabled = number === 1;
  byId("next").disabled = number === state.page.lines.length;
  drawMarks(line);
}

function drawMarks(line) {
  const outside = outsideAlphabet(line.text);
  const made = runs(line.text, words(line), outside);
  byId("marks").replaceChildren(...made.map(({ name, text, start }) => el("span", { class: name || null, "data-start": start }, text)), "\u200b");
  const warning = byId("outside");
  warning.hidden = !outside.size;
  warning.textContent = outside.size ? texts.line.outside([...outside].join(" ")) : "";
  const doubtful = words(line).filter(({ level }) => level !== "sure").length;
  byId("doubtful").textContent = texts.line.doubtful(doubtful);
}

function showPicture() {
  const line = chosenLine();
  const picture = byId("cut");
  if (!line || !isSaved(line.id)) return;
  const shape = JSON.stringify([line.polygon, line.baseline]);
  const hash = [...shape].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7).toString(36);
  const url = lineImageUrl(state.page.id, line.id, hash);
  if (picture.getAttribute("src") !== url) picture.setAttribute("src", url);
  picture.setAttribute("alt", texts.line.picture(model.indexOf(state.page, line.id) + 1));
}

function write(text) {
  const { line } = state;
  if (!line) return;
  closeAlternatives();
  editing = line;
  edit((page) => model.withText(page, line, text), `text:${line}`);
}

function insert(character) {
  const field = byId("text");
  field.setRangeText(character, field.selectionStart, field.selectionEnd, "end");
  write(field.value);
  field.focus();
}

function key(event) {
  const action = {
    Enter: confirm, ArrowUp: () => go(-1), ArrowDown: () => go(1), Tab: () => nextDoubtful(event.shiftKey),
    Escape: () => closeAlternatives(),
  }[event.key];
  if (event.isComposing || event.ctrlKey || event.metaKey || !action) return;
  if (event.altKey && event.key === "ArrowDown") offer(true);
  else if (event.altKey || action() === false) return;
  event.preventDefault();
}

/** The line is right: on to the next one. */
function confirm() {
  const { line } = state;
  if (!line) return;
  edit((page) => model.changed(page, line, { state: "corrected" }));
  if (!go(1)) atTheEnd();
}

function go(by) {
  const next = state.page.lines[model.indexOf(state.page, state.line) + by];
  if (!next) return false;
  chooseLine(next.id);
  byId("text").focus();
  say(texts.line.now(model.indexOf(state.page, next.id) + 1, next.text));
  return true;
}

function atTheEnd() {
  const open = state.page.lines.filter((line) => line.state !== "corrected");
  byId("end").hidden = false;
  byId("end-text").textContent = texts.line.end(open.length);
  byId("finish").focus();
}

function finish() {
  const open = state.page.lines.find((line) => line.state !== "corrected");
  if (open) {
    chooseLine(open.id);
    byId("text").focus();
    return;
  }
  edit((page) => model.finished(page, true));
  byId("end").hidden = true;
  emit("finished");
}

/** Selects the next doubtful word; false, so that Tab leaves the field, if there is none. */
function nextDoubtful(back) {
  const field = byId("text");
  const doubtful = words(chosenLine()).filter(({ level }) => level !== "sure");
  const { selectionStart, selectionEnd } = field;
  const found = back
    ? doubtful.findLast(({ start, end }) => end <= selectionStart && start < selectionStart)
    : doubtful.find(({ start, end }) => start >= selectionEnd || (selectionStart === selectionEnd && end > selectionEnd));
  if (!found) return false;
  field.setSelectionRange(found.start, found.end);
  say(texts.line.word(found.text, found.confidence, found.alternatives?.length ?? 0));
  tellWord();
  return true;
}

function wordAtCaret() {
  const { selectionStart, selectionEnd } = byId("text");
  const line = chosenLine();
  return line && wordsNow(line).find(({ start, end }) => start <= selectionStart && selectionEnd <= end);
}

function tellWord() {
  emit("word", wordAtCaret() ?? null);
}

/** Shows what else the word at the caret may be; if nobody `asked` but only clicked there, not once the line is right. */
function offer(asked) {
  const word = wordAtCaret();
  if (!word?.alternatives?.length || !(asked || words(chosenLine()).length)) return;
  const field = byId("text");
  const anchor = byId("marks").querySelector(`[data-start="${word.start}"]`) ?? field;
  const choose = (text) => {
    field.setRangeText(text, word.start, word.end, "end");
    write(field.value);
  };
  showAlternatives(word, anchor, field, choose, { focus: asked });
}

/** Which words of a line are doubtful, and where they stand after the text was edited. */

const SURE = 0.85;
const WEAK = 0.5;
const readings = new Map(); // line id -> the text that was read, and its words

/** Keeps what was read on a line, so that its words are still known while the text is being edited. */
function remembered(line) {
  const fits = (word) => line.text.slice(word.start, word.end) === word.text;
  if (line.words?.length && line.words.every(fits)) readings.set(line.id, { text: line.text, words: line.words });
  return readings.get(line.id) ?? { text: "", words: [] };
}

export const forgetReadings = () => readings.clear();

/** The words of a line that are still as they were read, each with where it starts and ends now and how sure it is. */
export function wordsNow(line) {
  const { text, words } = remembered(line);
  const now = line.text;
  const room = Math.min(text.length, now.length);
  let [before, behind] = [0, 0];
  while (before < room && text[before] === now[before]) before += 1;
  while (behind < room - before && text[text.length - 1 - behind] === now[now.length - 1 - behind]) behind += 1;
  const shift = now.length - text.length;
  return words.flatMap((word) => {
    const by = word.end <= before ? 0 : word.start >= text.length - behind ? shift : null;
    if (by === null) return [];
    const [start, end] = [word.start + by, word.end + by];
    const whole = !/\S/.test((now[start - 1] ?? " ") + (now[end] ?? " "));
    return whole ? [{ ...word, start, end, level: level(word.confidence) }] : [];
  });
}

function level(confidence) {
  if (confidence === null || confidence === undefined || confidence >= SURE) return "sure";
  return confidence < WEAK ? "weak" : "doubtful";
}

/** The text cut into runs: `{text, classes}`; what a word's level or a character outside the alphabet asks for. */
export function runs(text, words, outside) {
  const classes = Array.from({ length: text.length }, () => "");
  for (const { start, end, level } of words) if (level !== "sure") classes.fill(level, start, end);
  let at = 0;
  for (const character of text) {
    if (outside.has(character)) classes.fill(`${classes[at]} outside`.trim(), at, at + character.length);
    at += character.length;
  }
  const made = [];
  let last = null;
  [...classes].forEach((name, index) => {
    const border = words.some((word) => word.start === index || word.end === index);
    if (last && last.name === name && !border) last.text += text[index];
    else made.push((last = { name, text: text[index], start: index }));
  });
  return made;
}

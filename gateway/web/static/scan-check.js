// The check of a scanner that types: the keys of its test code tell how it is set, and what has to be set otherwise.
"use strict";

const GS = "\x1d";
const AIM = /^\][A-Za-z][0-9A-Za-z]/;
const at = (id) => document.getElementById(id);
const { wanted, written, layouts } = JSON.parse(at("keyboards").textContent);
const [HEAD, TAIL] = wanted.split(GS);
const WRITTEN = new RegExp(written, "gi");

// Notes the keys of a text, and its end: Enter, Tab, or nothing more.
class KeyTrace {
  constructor(done) {
    this.done = done;
    this.begin();
    document.addEventListener("keydown", (event) => this.press(event), true);
    document.addEventListener("keyup", (event) => this.release(event), true);
    document.addEventListener("input", () => this.wait(), true);
  }

  begin() {
    this.strokes = [];
    this.alt = "";
    clearTimeout(this.timer);
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(""), FORGOTTEN_MS);
  }

  press(event) {
    const { code, key, shiftKey, ctrlKey, altKey, timeStamp } = event;
    if (code === "AltRight") this.isAltGr = true;
    if (MODIFIERS.includes(key) || key === "Unidentified") return;
    if (["Enter", "Tab"].includes(key)) {
      this.end(key);
      return;
    }
    const isAltGr = this.isAltGr || event.getModifierState("AltGraph");
    const digit = /^Numpad(\d)$/.exec(code);
    if (altKey && digit && !isAltGr) this.alt += digit[1];
    else {
      const level = (shiftKey ? 1 : 0) + (isAltGr ? 2 : 0);
      this.strokes.push({ code, key, level, ctrl: ctrlKey && !isAltGr, alt: altKey && !isAltGr, at: timeStamp });
    }
    this.wait();
  }

  release({ code, key, timeStamp }) {
    if (code === "AltRight") this.isAltGr = false;
    if (key !== "Alt" || !this.alt) return;
    this.strokes.push({ pad: this.alt, at: timeStamp });
    this.alt = "";
  }

  // The page's own reader hears the same key after this one: its text is there then.
  end(how) {
    const { strokes } = this;
    this.begin();
    setTimeout(() => this.done(strokes, how));
  }
}

function separatorOf({ code, ctrl, pad }) {
  if (code === "F8") return "F8";
  if (ctrl && code === "BracketRight") return "Ctrl+]";
  return Number(pad) === 29 ? "Alt+029" : undefined;
}

function letterOf(stroke, layout) {
  const letter = layouts[layout][stroke.level][CODES.indexOf(stroke.code)];
  return letter === " " && stroke.code !== "Space" ? undefined : letter;
}

// What keys say: on a layout, or by the letters that this computer makes of them. Other keys stand in brackets.
function read(strokes, letter) {
  return strokes.map((stroke) => {
    const { code, ctrl, alt, pad } = stroke;
    if (separatorOf(stroke)) return GS;
    if (pad) return `[Alt+${pad}]`;
    if (ctrl || alt) return `[${ctrl ? "Ctrl" : "Alt"}+${code}]`;
    return /^Numpad(\d)$/.exec(code)?.[1] ?? PAD[code] ?? letter(stroke) ?? `[${code}]`;
  }).join("");
}

function split(typed) {
  const head = typed.indexOf(HEAD);
  const tail = typed.indexOf(TAIL, head + HEAD.length);
  if (head < 0 || tail < 0) return undefined;
  return { prefix: typed.slice(0, head), separator: typed.slice(head + HEAD.length, tail), suffix: typed.slice(tail + TAIL.length) };
}

// Returns what was found out, and what has to be set. `taken` is what the page's own reader has read.
function judge(strokes, how, taken) {
  const names = Object.keys(layouts);
  const byLetters = split(strokes.length ? read(strokes, ({ key }) => (key.length === 1 ? key : undefined)) : taken ?? "");
  const scanner = names.filter((name) => split(read(strokes, (stroke) => letterOf(stroke, name))));
  const plain = strokes.filter(({ key, ctrl, alt }) => key?.length === 1 && !ctrl && !alt);
  const computer = names.filter((name) => plain.length && plain.every((stroke) => letterOf(stroke, name) === stroke.key));
  const found = scanner.length ? split(read(strokes, (stroke) => letterOf(stroke, scanner[0]))) : byLetters;
  const times = strokes.map((stroke) => stroke.at);
  const gap = Math.round(Math.max(0, ...times.slice(1).map((time, index) => time - times[index])));
  const said = (layoutNames) => layoutNames.map((name) => text(`layout_${name}`)).join(", ");
  const key = strokes.map(separatorOf).find(Boolean);
  const { prefix = "", separator = "", suffix = "" } = found ?? {};
  const isWritten = separator.replace(WRITTEN, GS) === GS;
  const isRead = taken?.replace(AIM, "").replace(WRITTEN, GS) === wanted;
  const advice = [];

  if (!found) advice.push(text("check_unknown"));
  else if (strokes.length && !(readsPlaces() ? scanner.includes("us") : byLetters)) {
    const isOther = readsPlaces() ? byLetters : scanner.includes("us");
    const layout = said(scanner) || text("check_not_known");
    advice.push(text(isOther ? (readsPlaces() ? "check_read_letters" : "check_read_places") : "check_set_us", { layout }));
  }
  if (found && !separator) advice.push(text("check_set_separator"));
  else if (found && !isWritten) advice.push(text("check_other_separator", { text: separator }));
  if (prefix.replace(AIM, "")) advice.push(text("check_take_prefix", { text: prefix }));
  if (suffix) advice.push(text("check_take_suffix", { text: suffix }));
  if (!how) advice.push(text("check_set_end"));
  if (gap > GAP_MS) advice.push(text("check_set_gap", { gap, most: GAP_MS }));
  if (!isRead && !advice.length) advice.push(text("check_again"));

  const none = text("check_none");
  const facts = [
    ["check_layout", scanner.length ? said(scanner) : text(strokes.length ? "check_not_known" : "check_no_keys")],
    ["check_computer", said(computer) || text("check_not_known")],
    ["check_separator", found ? key ?? (separator || none) : text("check_not_known")],
    ["check_prefix", found ? prefix || none : text("check_not_known")],
    ["check_suffix", [suffix, how || none].filter(Boolean).join(" ")],
    ["check_gap", strokes.length > 1 ? `${gap} ms` : text("check_not_known")],
    ["check_reads", taken ?? text("scan_unread")],
  ];
  return { facts, advice: isRead && how ? [] : advice };
}

function readsPlaces() {
  return localStorage.getItem(KEYS_READ) !== LETTERS;
}

function show({ facts, advice }) {
  at("verdict").dataset.state = advice.length ? "wrong" : "right";
  put(at("verdict-title"), advice.length ? `✖ ${text("check_wrong")}` : `✔ ${text("check_right")}`);
  at("advice").replaceChildren(...advice.map((words) => make("li", "", words)));
  at("facts").replaceChildren(...facts.map(([key, value]) => {
    const pair = make("div");
    pair.append(make("dt", "", text(key)), make("dd", "", value.replaceAll(GS, "␝")));
    return pair;
  }));
}

function showSetting() {
  put(at("setting"), text(readsPlaces() ? "check_reads_places" : "check_reads_letters"));
  put(at("change"), text(readsPlaces() ? "scan_read_letters" : "scan_read_places"));
}

let taken;
const trace = new KeyTrace((strokes, how) => {
  const heard = taken ?? (how || wedge.isSpoiled ? undefined : wedge.text);
  taken = undefined;
  if (!how) wedge.begin();
  if (strokes.length || heard) show(judge(strokes, how, heard));
});
const wedge = new Wedge((typed) => { taken = typed ?? undefined; }, at("keys"));
at("change").addEventListener("click", () => {
  localStorage.setItem(KEYS_READ, readsPlaces() ? LETTERS : "");
  showSetting();
});
showSetting();
if (/^\/scan\/[^/]+\/[^/]+$/.test(new URL(document.referrer || location.href).pathname)) {
  at("back").href = document.referrer;
  at("back").hidden = false;
}

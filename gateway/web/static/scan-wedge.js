// A scanner that types: keys become texts. The place of a key counts, and not the letter that this computer's layout
// gives it, because most scanners type as a US keyboard does. A text with a missing key is none: half a code is never
// taken for one. GS is Ctrl+], F8, or Alt with 029 on the keypad; RS is Ctrl+^, EOT is Ctrl+D.
"use strict";

const GAP_MS = 120;
const FORGOTTEN_MS = 2000;
const CODES = ("Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal KeyQ KeyW KeyE " +
  "KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon " +
  "Quote Backslash IntlBackslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash Space").split(" ");
const PLAIN = "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./ ";
const SHIFTED = "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|>ZXCVBNM<>? ";
const PAD = { NumpadDecimal: ".", NumpadSubtract: "-", NumpadAdd: "+", NumpadMultiply: "*", NumpadDivide: "/" };
const CONTROLS = { BracketRight: "\x1d", Digit6: "\x1e", KeyD: "\x04" };
const KEYS_READ = "backflush-scanner-keys";
const LETTERS = "letters";
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "ScrollLock", "Fn"];

function characterOf(event, byPlace) {
  if (event.code === "F8") return "\x1d";
  if (event.ctrlKey && !event.getModifierState("AltGraph")) return CONTROLS[event.code];
  const digit = /^Numpad(\d)$/.exec(event.code);
  if (digit) return digit[1];
  if (PAD[event.code]) return PAD[event.code];
  const place = CODES.indexOf(event.code);
  if (byPlace && place >= 0) return (event.shiftKey ? SHIFTED : PLAIN)[place];
  return event.key?.length === 1 ? event.key : undefined;
}

class Wedge {
  // `take` gets each text, and null for one that has lost a key. `field` gets what a browser does not tell as keys.
  constructor(take, field) {
    this.take = take;
    this.field = field;
    this.begin();
    this.alt = "";
    document.addEventListener("keydown", (event) => this.press(event), true);
    document.addEventListener("keyup", (event) => this.release(event), true);
    field.addEventListener("input", () => this.read());
    this.focus();
    document.addEventListener("pointerup", () => setTimeout(() => this.focus()));
  }

  get byPlace() {
    return localStorage.getItem(KEYS_READ) !== LETTERS;
  }

  begin() {
    this.text = "";
    this.isSpoiled = false;
  }

  focus() {
    if (!document.querySelector("dialog[open]")) this.field.focus({ preventScroll: true });
  }

  isOurs(event) {
    const at = event.target;
    return at === this.field || !at.matches?.("input, select, textarea");
  }

  press(event) {
    if (!this.isOurs(event) || event.isComposing || event.key === "Unidentified" || MODIFIERS.includes(event.key)) return;
    const gap = event.timeStamp - this.at;
    if (this.text && gap > FORGOTTEN_MS) this.begin();
    else if (this.text.length > 1 && gap > GAP_MS) this.isSpoiled = true;
    else if (this.text && gap > GAP_MS) this.begin();
    this.at = event.timeStamp;
    if (["Enter", "Tab"].includes(event.key)) {
      if (this.text) {
        event.preventDefault();
        this.end();
      }
      return;
    }
    const digit = /^Numpad(\d)$/.exec(event.code);
    if (event.altKey && digit && !event.getModifierState("AltGraph")) {
      this.alt += digit[1];
      event.preventDefault();
      return;
    }
    const character = event.altKey && !event.getModifierState("AltGraph") ? undefined : characterOf(event, this.byPlace);
    if (character === undefined) {
      this.isSpoiled ||= this.text !== "";
      return;
    }
    event.preventDefault();
    this.text += character;
  }

  release(event) {
    if (event.key !== "Alt" || !this.alt) return;
    const number = Number(this.alt);
    this.alt = "";
    if ([4, 29, 30].includes(number) || (number >= 32 && number < 127)) this.text += String.fromCharCode(number);
    else this.isSpoiled = true;
  }

  // Some scanners of Android type as its soft keyboard does: without keys, into a field.
  read() {
    const [typed, ...more] = this.field.value.split(/[\n\t]/);
    const now = performance.now();
    this.field.value = "";
    if (this.text && now - this.at > FORGOTTEN_MS) this.begin();
    this.text += typed;
    this.at = now;
    if (more.length) this.end();
  }

  end() {
    const text = this.isSpoiled ? null : this.text;
    this.begin();
    this.take(text);
  }
}

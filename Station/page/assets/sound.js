import { keep, kept } from "./kept.js";
import { language } from "./language.js";

/** Beeps and spoken words; both are switched on and off on the page and kept. The browser wants one key or touch first. */

let context = null;

export const isSoundOn = () => kept("sound") !== "off";
export const isSpeechOn = () => kept("speech") === "on" && voice() !== null;
export const setSound = (on) => keep("sound", on ? "on" : "off");
export const setSpeech = (on) => keep("speech", on ? "on" : "off");

/** Tones: [Hz, from ms, for ms]. A pass rises, a fail falls and is lower and longer, a wrong scan buzzes twice. */
const tunes = {
  pass: [[880, 0, 110], [1318, 120, 180]],
  done: [[880, 0, 140]],
  fail: [[392, 0, 280], [262, 300, 480]],
  hold: [[523, 0, 160], [523, 260, 160]],
  ok: [[1046, 0, 70]],
  ask: [[784, 0, 90], [988, 110, 90]],
  wrong: [[196, 0, 180], [196, 260, 320]],
};

/** Plays a tune. */
export function beep(name) {
  if (!isSoundOn() || !tunes[name]) return;
  if (!context && !navigator.userActivation?.hasBeenActive) return;
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume().catch(() => {});
    if (context.state !== "running") return;
    const now = context.currentTime;
    for (const [hertz, from, length] of tunes[name]) {
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      tone.type = name === "wrong" ? "square" : "triangle";
      tone.frequency.value = hertz;
      const [begin, end] = [now + from / 1000, now + (from + length) / 1000];
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(0.25, begin + 0.01);
      volume.gain.setValueAtTime(0.25, end - 0.02);
      volume.gain.linearRampToValueAtTime(0, end);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(end);
    }
  } catch { /* a line PC without a sound card */ }
}

/** Lets the sound begin with the first key or touch. */
export function readySound() {
  const wake = () => {
    try {
      context ??= new AudioContext();
      context.resume().catch(() => {});
    } catch { /* no sound card */ }
  };
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, wake, { once: true, capture: true });
}

/** A voice of this computer for the page's language; null where there is none. */
export function voice() {
  const wanted = language() === "zh" ? /^zh|^cmn/i : /^en/i;
  return globalThis.speechSynthesis?.getVoices().find(({ lang, localService }) => localService && wanted.test(lang)) ??
    null;
}

/** Says a sentence, after those before it; what has waited too long is dropped rather than told late. */
export function say(sentence) {
  if (!sentence || !isSpeechOn()) return;
  if (speechSynthesis.pending) speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(sentence);
  words.voice = voice();
  words.lang = words.voice.lang;
  words.rate = 1.15;
  speechSynthesis.speak(words);
}

// What all pages share: words in the reader's language, requests with a key, the look by day and night.
"use strict";
const $ = (id) => document.getElementById(id);
let WORDS = {};
const t = (key, fields = {}) => (WORDS[key] || key).replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
const make = (tag, fields = {}, ...inside) => {
  const one = Object.assign(document.createElement(tag), fields);
  one.append(...inside);
  return one;
};
const kept = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* a private window keeps nothing */ } },
};
async function words() {
  const answer = await fetch("/web/words.json");
  WORDS = await answer.json();
  document.documentElement.lang = WORDS.code || "en";
  for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(one.dataset.label));
}
async function call(path, more = {}) {
  const headers = new Headers(more.headers);
  if (kept.get("key")) headers.set("Authorization", `Bearer ${kept.get("key")}`);
  if (more.json) { headers.set("Content-Type", "application/json"); more.body = JSON.stringify(more.json); }
  let answer;
  try { answer = await fetch(path, { ...more, headers }); } catch { throw new Error(t("unreached")); }
  if (answer.ok) return answer;
  let said = t("unreached");
  try { said = (await answer.json()).error.message; } catch { /* no JSON: an answer of what stands in front of us */ }
  throw Object.assign(new Error(said), { status: answer.status });
}
const asked = async (path, more) => (await call(path, more)).json();
function say(text, bad = false) {
  const line = $("said");
  line.textContent = text;
  line.className = bad ? "bad" : "soft";
}
function look() {
  const wanted = kept.get("look");
  if (wanted) document.documentElement.dataset.look = wanted;
  const button = $("look");
  button.onclick = () => {
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark") && document.documentElement.dataset.look !== "light";
    const night = document.documentElement.dataset.look === "dark" || (dark && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.look = night ? "light" : "dark";
    kept.set("look", document.documentElement.dataset.look);
  };
}

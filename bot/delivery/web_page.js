
"use strict";
const audio = document.querySelector("audio");
const words = [...document.querySelectorAll("span[data-from]")];
const starts = words.map((word) => Number(word.dataset.from));
let lit = null;

function wordAt(time) {
  let low = 0, high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= time) low = middle + 1; else high = middle;
  }
  const word = words[low - 1];
  return word && time < Number(word.dataset.to) ? word : null;
}

function light() {
  const word = wordAt(audio.currentTime);
  if (word !== lit) {
    if (lit) lit.classList.remove("now");
    if (word) word.classList.add("now");
    lit = word;
  }
  if (!audio.paused) requestAnimationFrame(light);
}

if (audio) {
  audio.addEventListener("play", light);
  audio.addEventListener("seeked", light);
  audio.addEventListener("pause", light);
  document.querySelector("main").addEventListener("click", (event) => {
    const word = event.target.closest("span[data-from]");
    if (!word) return;
    audio.currentTime = Number(word.dataset.from);
    audio.play();
  });
}

// Starts the vendored components and keeps the few live parts fresh; every page works without it.
import { initAll } from "./govuk-6.3.0.js";

initAll();

const EVERY_MS = 30000;

// A live part names an address whose JSON answer holds the text to show and nothing else.
for (const part of document.querySelectorAll("[data-live]")) {
  const stop = document.getElementById(part.dataset.stop);
  let timer = setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(part.dataset.live, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { text } = await answer.json();
    if (part.textContent !== text) part.textContent = text;
  }, EVERY_MS);
  if (!stop) continue;
  stop.hidden = false;
  stop.addEventListener("click", () => {
    clearInterval(timer);
    stop.hidden = true;
    part.textContent += " (updates stopped)";
  });
}

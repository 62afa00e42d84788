// Courtesies of the page. Without them every form still works: the server decides everything.
"use strict";

function watchOnce(form) {
  form.addEventListener("submit", (event) => {
    window.setTimeout(() => {
      if (!event.defaultPrevented) form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    }, 0);
  });
}

// The session ends without requests: said beforehand, and a page of patients does not stay on an empty desk.
// Windows of one session tell each other of their requests.
function watchIdle(notice) {
  const [warned, ended] = [notice.querySelector("[data-warned]"), notice.querySelector("[data-ended]")];
  const windows = new BroadcastChannel("trialkit");
  let since = performance.now();
  const heard = () => { since = performance.now(); warned.hidden = true; ended.hidden = true; };
  const asked = () => { heard(); windows.postMessage("asked"); };
  windows.addEventListener("message", heard);
  document.addEventListener("trialkit:asked", asked);
  asked();
  notice.querySelector("[data-stay]").addEventListener("click", () => {
    fetch(notice.dataset.ping, { headers: { "X-Requested-With": "trialkit" } }).then((answer) => {
      if (answer.ok) asked(); else { warned.hidden = true; ended.hidden = false; }
    }, () => {});
  });
  const watch = window.setInterval(() => {
    const idle = (performance.now() - since) / 1000;
    if (idle < Number(notice.dataset.warn)) return;
    const over = idle >= Number(notice.dataset.end);
    if (over && !document.querySelector("form[data-draft]")) {
      window.clearInterval(watch);  // leave once: on a slow line a second call would begin the way anew
      window.location.replace(notice.dataset.signIn);
    }
    warned.hidden = over;
    ended.hidden = !over;
  }, 5000);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-idle]").forEach(watchIdle);
  document.querySelectorAll("form[data-once]").forEach(watchOnce);
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
});
// A page brought back from the browser's cache may belong to somebody who signed out.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

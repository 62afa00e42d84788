// Courtesies of the page. Without them every form still works: the server decides everything.
"use strict";

document.documentElement.classList.add("scripted");

function watchOnce(form) {
  form.addEventListener("submit", (event) => {
    window.setTimeout(() => {
      if (!event.defaultPrevented) form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    }, 0);
  });
}

// The session ends without requests: said beforehand, and a page of patients does not stay on an empty desk.
// Windows of one session tell each other of their requests; those of another study of the host are not asked.
function watchIdle(notice) {
  const warned = notice.querySelector("[data-warned]");
  const windows = new BroadcastChannel(`trialkit ${notice.dataset.signIn}`);
  let since = performance.now();
  const heard = () => { since = performance.now(); warned.hidden = true; };
  // The page of an open form stays, covered, until its person is back; every other one is left.
  const end = () => {
    warned.hidden = true;
    if (document.querySelector("form[data-draft]")) document.dispatchEvent(new Event("trialkit:ended"));
    else window.location.replace(notice.dataset.signIn);
  };
  const asked = () => { heard(); windows.postMessage("asked"); };
  windows.addEventListener("message", heard);
  document.addEventListener("trialkit:asked", asked);
  asked();
  notice.querySelector("[data-stay]").addEventListener("click", () => {
    fetch(notice.dataset.ping, { headers: { "X-Requested-With": "trialkit" } }).then((answer) => {
      if (answer.ok && !answer.redirected) asked(); else end();
    }, () => {});
  });
  const watch = window.setInterval(() => {
    const idle = (performance.now() - since) / 1000;
    if (idle < Number(notice.dataset.warn)) return;
    if (idle < Number(notice.dataset.end)) { warned.hidden = false; return; }
    if (!document.querySelector("form[data-draft]")) window.clearInterval(watch); // leave once, on a slow line too
    end();
  }, 5000);
}

// Times are said in a site's own zone; where a study states none, in the one that this browser is in.
function sayZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  if (zone) document.cookie = `trialkit_zone=${encodeURIComponent(zone)}; Path=/; SameSite=Lax${secure}`;
}

// Browsers break a line after the hyphen of 2026-12-01, and no property of a style forbids it without an element to say it of.
const DATE = /(?<![\d-])\d{4}-\d{2}(-\d{2})?(?![\d-])|(?<!\d)\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2})?/g;
const NOT_SAID = "script, style, textarea, option, svg, .whole";

function keepDatesWhole() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.search(DATE) >= 0 && !text.parentElement.closest(NOT_SAID)) found.push(text);
  }
  for (const text of found) {
    // From the last to the first, so that places before a date stay where they are.
    for (const date of [...text.data.matchAll(DATE)].reverse()) {
      const whole = document.createElement("span");
      whole.className = "whole";
      text.splitText(date.index).splitText(date[0].length).before(whole);
      whole.append(whole.previousSibling);
    }
  }
}

sayZone();
document.addEventListener("DOMContentLoaded", () => {
  keepDatesWhole();
  document.querySelectorAll("[data-idle]").forEach(watchIdle);
  document.querySelectorAll("form[data-once]").forEach(watchOnce);
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
});
// A page brought back from the browser's cache may belong to somebody who signed out.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

// Courtesies of the page. Without them every form still works: the server decides everything.
"use strict";

const MISSING_KEYS = { ".1": "not_done", ".2": "unknown", ".3": "not_applicable", ".4": "refused" };
const KEEP_AFTER_MS = 1500;

function watchOnce(form) {
  form.addEventListener("submit", () => {
    window.setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  });
}

// A digit is the code where codes are digits, else the place in the list; ".1" and the like are missing codes.
function meant(input) {
  const typed = input.value.trim();
  const code = MISSING_KEYS[typed];
  if (code && (input.dataset.missing || "").split("|").includes(code)) return "@" + code;
  const codes = input.dataset.codes ? input.dataset.codes.split("|") : [];
  if (codes.length && /^[1-9]$/.test(typed) && !codes.some((known) => /^\d/.test(known))) {
    return codes[Number(typed) - 1] || input.value;
  }
  const begun = codes.filter((known) => typed && known.toLowerCase().startsWith(typed.toLowerCase()));
  return begun.length === 1 && !codes.includes(typed) ? begun[0] : input.value;
}

function nextField(form, present, step) {
  const fields = [...form.querySelectorAll(".item input")];
  const next = fields[fields.indexOf(present) + step];
  (next || form.querySelector("button.main")).focus();
  if (next) next.select();
}

function watchKeys(form) {
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || !event.target.matches(".item input")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("button.main").focus();
    } else if (event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      nextField(form, event.target, event.key === "ArrowUp" ? -1 : 1);
    }
  });
  form.addEventListener("focusout", (event) => {
    if (event.target.matches(".item input")) event.target.value = meant(event.target);
  });
}

function watchDraft(form) {
  const note = document.getElementById("kept");
  let timer = 0, sending = false, again = false;
  async function keep() {
    if (sending) { again = true; return; }
    sending = true;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, redirect: "manual",
        headers: { "X-Requested-With": "trialkit" },
      });
      const words = answer.ok ? "kept" : answer.status === 401 ? "signedOut" : "notKept";
      note.textContent = note.dataset[words] + (answer.ok ? " " + (await answer.text()) : "");
    } catch {
      note.textContent = note.dataset.notKept;
    }
    sending = false;
    if (again) { again = false; keep(); }
  }
  const soon = () => { window.clearTimeout(timer); timer = window.setTimeout(keep, KEEP_AFTER_MS); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => window.clearTimeout(timer));
  document.addEventListener("visibilitychange", () => { if (timer && document.hidden) keep(); });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-once]").forEach(watchOnce);
  document.querySelectorAll("form[data-entry]").forEach((form) => { watchKeys(form); watchDraft(form); });
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
});
// A page brought back from the browser's cache may belong to somebody who signed out.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

// Courtesies of the page. Without them every form still works: the server decides everything.
"use strict";

function watchOnce(form) {
  form.addEventListener("submit", (event) => {
    window.setTimeout(() => {
      if (!event.defaultPrevented) form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    }, 0);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-once]").forEach(watchOnce);
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
});
// A page brought back from the browser's cache may belong to somebody who signed out.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

// A form whose session had ended is filled in again as it was left; nothing is sent by itself.
"use strict";

const Unsent = (() => {
  const OF_THE_PAGE = new Set(["csrf", "of_account", "request_key", "draft_version", "not_asked", "seen", "looked"]);

  // The form that was sent: to the same address, and with the same hidden parts.
  function isIt(form, action, fields) {
    if (form.getAttribute("action") !== action) return false;
    return [...form.querySelectorAll("input[type=hidden]")].every((part) =>
      OF_THE_PAGE.has(part.name) || part.disabled || part.value === (fields[part.name] ?? part.value));
  }

  function fill(form, fields) {
    for (const part of form.elements) {
      if (!part.name || part.type === "hidden" || part.type === "password" || part.tagName === "BUTTON") continue;
      const text = fields[part.name];
      if (part.type === "checkbox" || part.type === "radio") part.checked = text !== undefined && text === part.value;
      else if (text !== undefined) part.value = text; else continue;
      part.closest("details")?.setAttribute("open", "");
      for (const kind of ["input", "change"]) part.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }

  function show(notice) {
    const fields = JSON.parse(notice.dataset.unsent);
    const form = [...document.querySelectorAll("main form")].find((one) => isIt(one, notice.dataset.action, fields));
    if (form) fill(form, fields);
    notice.querySelector("[data-filled]").hidden = !form;
    notice.querySelector("[data-typed]").hidden = Boolean(form);
    notice.focus();
  }

  window.addEventListener("load", () => document.querySelectorAll("[data-unsent]").forEach(show));
  return { show };
})();

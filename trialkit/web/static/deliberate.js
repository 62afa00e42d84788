// An act that cannot be taken back: Enter in a field does not press its button, and a lost answer is asked for.
"use strict";

const Deliberate = (() => {
  const ASK_MS = 2000;
  const OURS = { headers: { "X-Requested-With": "trialkit" }, redirect: "manual" };

  class Act {
    constructor(form) {
      this.form = form;
      this.sure = false;
      this.timer = 0;
    }

    // The answer is a redirection to the result, or a page that says why not: that one the browser asks for itself.
    async send() {
      try {
        const body = new URLSearchParams(new FormData(this.form));
        const answer = await fetch(this.form.action, { method: "POST", body, ...OURS });
        if (answer.type === "opaqueredirect") this.show(); else this.natively();
      } catch {
        this.unknown();
      }
    }

    show() { window.location.assign(this.form.dataset.answer); }

    natively() {
      this.sure = true;
      this.form.requestSubmit();
    }

    part(name) { return this.form.querySelector(`[data-${name}]`); }

    unknown() {
      this.part("unknown").hidden = false;
      this.part("again").disabled = false;
      this.part("unknown").focus();
      this.ask();
    }

    // By the key of the request: reading the result itself is an act of its own, and on record.
    async ask() {
      window.clearTimeout(this.timer);
      try {
        const answer = await fetch(this.form.dataset.answer, OURS);
        if (answer.ok || answer.type === "opaqueredirect") { this.show(); return; }
        this.part("not-there").hidden = answer.status !== 404;
      } catch {
        this.part("not-there").hidden = true;
      }
      this.timer = window.setTimeout(() => this.ask(), ASK_MS);
    }

    again() {
      window.clearTimeout(this.timer);
      this.part("again").disabled = true;
      this.send();
    }
  }

  function nextField(input) {
    const fields = [...input.form.querySelectorAll("input:not([type=hidden])")];
    fields[fields.indexOf(input) + 1]?.focus();
  }

  function watch(form) {
    const act = new Act(form);
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input") || event.isComposing) return;
      event.preventDefault();
      nextField(event.target);
    });
    form.addEventListener("submit", (event) => {
      if (act.sure) return;
      event.preventDefault();
      form.querySelector("button.main").disabled = true;
      act.send();
    });
    act.part("again").addEventListener("click", () => act.again());
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-deliberate]").forEach(watch));
  return { watch };
})();

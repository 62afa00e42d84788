// Verification of a second entry: a field that was left is held against the other entry on the server, and the
// answer is no more than that it differs. Complete asks again, so a lost answer loses nothing.
"use strict";

const Compare = (() => {
  const DEAF_MS = 400; // keys that were meant for the next field decide nothing

  class Asker {
    constructor(form, page) {
      this.form = form;
      this.page = page;
      this.dialog = form.querySelector("dialog[data-differs]");
      this.asked = new Map();
      this.waiting = [];
      this.dialog.querySelector("[data-retype]").addEventListener("click", () => this.retype());
      this.dialog.querySelector("[data-keep-mine]").addEventListener("click", () => this.keep());
      this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.retype(); });
      this.dialog.addEventListener("keydown", (event) => this.key(event));
    }

    async ask(input) {
      const text = input.value.trim(), box = input.closest("[data-item]"), line = input.closest("[data-line]");
      if (!text || !box.querySelector("[data-told]").hidden || this.asked.get(input.name) === text) return;
      if (Typed.read(this.page.itemOf(input), text).state === "problem") return;
      this.asked.set(input.name, text);
      const body = new URLSearchParams({ csrf: this.form.elements.csrf.value, item: box.dataset.item, line: line.dataset.line });
      line.querySelectorAll("[data-item] input:not([type=checkbox])").forEach((one) => body.set(one.name, one.value));
      try {
        const answer = await fetch(this.form.dataset.compare, {
          method: "POST", body, redirect: "manual", headers: { "X-Requested-With": "trialkit" },
        });
        if (!answer.ok) throw new Error(answer.status);
        document.dispatchEvent(new Event("trialkit:asked"));
        if ((await answer.json()).differs) this.tell(input, text);
      } catch {
        this.asked.delete(input.name);
      }
    }

    tell(input, text) {
      const told = input.closest("[data-item]").querySelector("[data-told]");
      told.hidden = false;
      told.querySelector("input").disabled = false;
      this.waiting.push({ input, text });
      if (!this.dialog.open) this.show();
    }

    show() {
      const { input, text } = this.waiting[0];
      this.dialog.querySelector("[data-what]").textContent = input.closest("[data-item]").querySelector("label").firstChild.textContent.trim();
      this.dialog.querySelector("[data-mine]").textContent = text;
      this.before = document.activeElement;
      this.opened = performance.now();
      this.dialog.showModal();
      this.dialog.querySelector("h2").focus();
    }

    key(event) {
      const key = event.key.toLowerCase();
      if (event.ctrlKey || event.metaKey || event.altKey || (key !== "r" && key !== "k")) return;
      event.preventDefault();
      if (performance.now() - this.opened < DEAF_MS) return;
      if (key === "r") this.retype(); else this.keep();
    }

    retype() {
      const { input } = this.close();
      input.focus();
      input.select();
      this.next();
    }

    keep() {
      const { input } = this.close();
      const box = input.closest("[data-item]").querySelector("[data-told] input");
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      if (this.before) this.before.focus();
      this.next();
    }

    close() { this.dialog.close(); return this.waiting.shift(); }
    next() { if (this.waiting.length) this.show(); }
  }

  function watch(form, page) {
    const asker = new Asker(form, page);
    form.addEventListener("focusout", (event) => {
      if (event.target.matches("[data-item] input:not([type=checkbox])")) asker.ask(event.target);
    });
  }
  return { watch };
})();

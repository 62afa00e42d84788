// The form in the page: which items are asked, what is computed, what is odd, and the keys. Courtesies all:
// values are never taken away here, and the server decides everything again.
"use strict";

const Entry = (() => {
  // Names that a tree looks at, so that a key touches only what depends on its item.
  function namesIn(tree, found = new Set()) {
    if (!Array.isArray(tree)) return found;
    if (tree[0] === "item" && typeof tree[1] === "string") found.add(tree[1]);
    tree.forEach((part) => namesIn(part, found));
    return found;
  }

  class Page {
    constructor(form) {
      this.form = form;
      const logic = JSON.parse(form.dataset.logic);
      this.items = logic.items;
      this.visit = logic.visit;
      this.words = JSON.parse(form.dataset.words);
      this.dependents = {};
      this.hanging = {}; // item with branching -> those whose branching names it
      this.unasked = new WeakMap(); // line -> items that its branching does not ask for
      for (const [name, item] of Object.entries(this.items)) {
        for (const other of namesIn(item.asked)) if (this.items[other]?.asked) (this.hanging[other] ||= []).push(name);
        for (const other of this.reach(item.asked, "asked")) (this.dependents[other] ||= new Set()).add(name);
        for (const other of this.reach(item.computed, "computed")) (this.dependents[other] ||= new Set()).add(name);
      }
      form.querySelectorAll("[data-line]").forEach((line) => this.refresh(line));
      this.count();
    }

    // Branching reaches through what is not asked, a calculation through calculations.
    reach(tree, through) {
      const found = namesIn(tree);
      for (const name of found) namesIn(this.items[name]?.[through], found);
      return found;
    }

    box(line, name) { return line.querySelector(`[data-item="${name}"]`); }
    input(line, name) { return this.box(line, name)?.querySelector("input:not([type=checkbox])") || null; }
    itemOf(input) { return this.items[input.closest("[data-item]").dataset.item]; }

    text(line, name, empty = null) {
      const input = this.input(line, name);
      if (!input) return empty;
      const found = Typed.read(this.items[name], input.value);
      return found.state === "value" ? found.text : found.state === "problem" ? null : empty;
    }

    // Branching sees what was typed in this line and nothing else: what hangs on more stays open here, and the
    // final record decides it. A calculation sees other calculations too.
    lookUp(line, deep) {
      return (name, visit) => {
        if (name === "event-name") return this.visit;
        const item = this.items[name], here = visit === null || visit === this.visit;
        if (!deep && !(here && item && item.type !== "derived")) throw new Logic.NotKnownYet();
        if (!here) return null;
        if (deep && item && item.computed) return Logic.evaluate(item.computed, this.lookUp(line, true));
        return this.text(line, name, !deep && this.unasked.get(line).has(name) ? Logic.NOT_ASKED : null);
      };
    }

    // What branching does not ask for, settled from what is typed: whichever is looked at first, the same is found.
    settle(line, names) {
      const found = this.unasked.get(line) || new Set(), waiting = names.filter((name) => this.items[name].asked);
      this.unasked.set(line, found);
      for (const name of waiting) found.delete(name);
      for (const name of waiting) {
        if (found.has(name) || this.asks(line, name) !== false) continue;
        found.add(name);
        waiting.push(...(this.hanging[name] || []));
      }
    }

    asks(line, name) { return Logic.evaluate(this.items[name].asked, this.lookUp(line, false)); }

    refresh(line, names = Object.keys(this.items)) {
      this.settle(line, names);
      for (const name of names) {
        const item = this.items[name], box = this.box(line, name);
        if (!box) continue;
        if (item.computed) {
          const found = Logic.evaluate(item.computed, this.lookUp(line, true));
          box.querySelector("output").textContent = found === null ? this.words.computed : Logic.shown(found);
        }
        if (item.asked) {
          const asked = this.asks(line, name);
          box.classList.toggle("not-asked", asked === false);
          box.classList.toggle("open-question", asked === null);
        }
        this.note(box, item);
      }
    }

    note(box, item) {
      const input = box.querySelector("input:not([type=checkbox])"), note = box.querySelector(".note");
      if (!input || !note) return;
      const found = Typed.read(item, input.value), dim = box.classList.contains("not-asked");
      let words = "";
      if (found.state === "problem") words = this.words.expected.replace("{expected}", item.wanted);
      else if (found.state === "missing") words = this.words[found.oddity === "written" ? "asWritten" : found.text.slice(1)];
      else if (dim) words = found.state === "blank" ? this.words.notAsked : this.words.enteredThough;
      else if (found.oddity && found.oddity !== "required") {
        words = this.words[found.oddity].replace("{limit}", found.oddity === "below" ? item.low : item.high)
          .replace("{wanted}", item.decimals);
      }
      note.textContent = words;
      const wrong = found.state === "problem", said = box.querySelector("[data-problem]");
      if (said && (wrong || input.value !== input.defaultValue)) said.remove(); // once is enough, and not of what was mended
      this.offerAsWritten(box, note, wrong && input !== document.activeElement); // not while it is typed
      box.classList.toggle("odd", wrong || Boolean(words && found.state === "value"));
      input.setAttribute("aria-invalid", String(wrong || box.contains(said)));
      box.querySelectorAll("button[data-code]").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.code === found.text));
      });
    }

    // What F9 does, for a hand without that key.
    offerAsWritten(box, note, wrong) {
      const button = box.querySelector("[data-as-written]");
      if (!wrong) { button?.remove(); return; }
      if (button) return;
      const fresh = document.createElement("button");
      Object.assign(fresh, { type: "button", className: "plain", tabIndex: -1, textContent: this.words.keep });
      fresh.dataset.asWritten = "";
      note.after(fresh);
    }

    changed(input) {
      const box = input.closest("[data-item]"), line = input.closest("[data-line]");
      this.refresh(line, [box.dataset.item, ...(this.dependents[box.dataset.item] || [])]);
      this.count();
    }

    fields() { return [...this.form.querySelectorAll("[data-item] input:not([type=checkbox])")]; }
    asked(input) { return !input.closest("[data-item]").classList.contains("not-asked"); }

    count() {
      const note = this.form.querySelector("[data-left]");
      if (!note) return;
      const asked = this.fields().filter((input) => this.asked(input));
      const left = asked.filter((input) => !input.value.trim()).length;
      note.textContent = note.dataset.left.replace("{left}", left).replace("{all}", asked.length);
    }

    // What can be no value, until it is mended; what is required and blank, and what is odd, once, then taken as it is.
    toLookAt() {
      const box = this.form.querySelector("[data-look]"), list = box.querySelector("ul"), found = [], problems = [];
      for (const input of this.fields()) {
        const line = input.closest("[data-line]"), item = this.itemOf(input);
        const empty = [...line.querySelectorAll("[data-item] input:not([type=checkbox])")].every((one) => !one.value.trim());
        const read = Typed.read(item, input.value), asked = this.asked(input), at = input.closest("[data-item]");
        if (line.matches("fieldset") && empty) continue; // a line with nothing on it is left out
        const open = item.elsewhere && at.classList.contains("open-question"); // the final record decides
        const blank = asked && !open && read.oddity === "required", note = at.querySelector(".note").textContent;
        const odd = read.state === "value" && (read.oddity || !asked), wrong = read.state === "problem";
        const told = [input, at.querySelector("label").textContent.trim(), blank ? this.words.blank : note];
        if (wrong) problems.push(told); else if (blank || odd) found.push(told);
      }
      box.querySelector("[data-mend]").hidden = !problems.length;
      box.querySelector("[data-leave]").hidden = problems.length > 0;
      found.unshift(...problems);
      const told = JSON.stringify(found.map(([input, , words]) => [input.name, input.value, words]));
      box.hidden = !found.length;
      if (!found.length || (told === this.toldOf && !problems.length)) return false;
      this.toldOf = told;
      list.replaceChildren(...found.map(([input, label, words]) => {
        const place = document.createElement("li"), link = document.createElement("a");
        link.href = `#${input.id}`;
        link.textContent = label;
        place.append(link, `: ${words}`);
        return place;
      }));
      box.focus();
      return true;
    }

    notAsked() {
      return [...this.form.querySelectorAll(".not-asked")]
        .map((box) => `${box.closest("[data-line]").dataset.line}.${box.dataset.item}`).join(" ");
    }

    // Enter passes over what is not asked; Tab does not. After the last field of all: the button.
    move(input, step) {
      const fields = this.fields();
      let at = fields.indexOf(input) + step;
      while (fields[at] && !this.asked(fields[at])) at += step;
      const next = fields[at] || (step > 0 ? this.afterLast() : null);
      if (!next) return;
      next.focus();
      if (next.select) next.select();
    }

    // Past the last field: another line, else the tick of a single form, else Complete.
    afterLast() {
      const tick = this.form.elements.confirmed;
      const add = this.form.querySelector("[data-add]");
      return add || (tick && !tick.checked ? tick : this.form.querySelector("button.main"));
    }

    write(input) {
      const typed = Typed.written(this.itemOf(input), input.value, this.form.dataset.today);
      if (typed !== input.value) this.put(input, typed);
    }

    put(input, text) {
      if (input.readOnly) return;
      input.value = text;
      this.changed(input);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    // While typing: a missing key, and a digit that is a place in the list, are taken at once.
    typing(input) {
      const item = this.itemOf(input), text = Typed.ascii(input.value).trim();
      const missing = Typed.keyed(item, text), more = Typed.completed(item, text);
      if (missing || more) this.put(input, more || `@${missing}`);
      else if (item.codes.length && /^\d$/.test(text) && Typed.code(item, text) !== text) this.put(input, Typed.code(item, text));
      else this.changed(input);
    }

    // F8, then one key: for texts, and where a code begins with the letter.
    missingKey(input, key) {
      const item = this.itemOf(input);
      const code = Typed.KEYS[key.toLowerCase()] || Typed.MISSING[Number(key) - 1];
      delete input.dataset.asksMissing;
      if (code && item.missing.includes(code)) { this.put(input, `@${code}`); return true; }
      this.note(input.closest("[data-item]"), item);
      return false;
    }

    keepAsWritten(input) {
      if (Typed.read(this.itemOf(input), input.value).state === "problem") {
        this.put(input, Typed.AS_WRITTEN + input.value.trim());
      }
    }

    askMissing(input) {
      const item = this.itemOf(input);
      input.dataset.asksMissing = "yes";
      input.closest("[data-item]").querySelector(".note").textContent =
        item.missing.length ? this.words.missingKeys : this.words.noneMayMiss;
    }

    // What follows moves up; the last line goes. Of the only one, what stands on it.
    removeLine(line) {
      const lines = [...this.form.querySelectorAll("[data-line]")], last = lines[lines.length - 1];
      const boxes = (one) => [...one.querySelectorAll("[data-item] input")];
      for (let at = lines.indexOf(line); at < lines.length; at += 1) {
        const from = lines[at + 1] ? boxes(lines[at + 1]) : null;
        boxes(lines[at]).forEach((input, place) => {
          if (input.matches("[type=checkbox]")) { input.checked = false; input.disabled = true; } else input.value = from ? from[place].value : "";
        });
        lines[at].querySelectorAll("[data-told]").forEach((told) => { told.hidden = true; });
        this.refresh(lines[at]);
      }
      if (lines.length > 1) last.remove();
      this.count();
      this.form.dispatchEvent(new Event("change", { bubbles: true }));
      const next = line.isConnected ? line : lines[lines.length - 2];
      next.querySelector("input").focus();
    }

    addLine() {
      const lines = this.form.querySelectorAll("[data-line]"), last = lines[lines.length - 1];
      const number = lines.length, fresh = last.cloneNode(true), old = new RegExp(`^r${last.dataset.line}\\.`);
      fresh.dataset.line = number;
      fresh.querySelector("legend").textContent = fresh.dataset.legend.replace("{n}", number + 1);
      for (const node of fresh.querySelectorAll("[id],[name],[for],[aria-describedby]")) {
        for (const name of ["id", "name", "for", "aria-describedby"]) {
          const text = node.getAttribute(name);
          if (text) node.setAttribute(name, text.split(" ").map((one) => one.replace(old, `r${number}.`)).join(" "));
        }
        if (node.matches("input[type=checkbox]")) { node.checked = false; node.disabled = true; } else if (node.matches("input")) node.value = "";
      }
      fresh.querySelectorAll("[data-told]").forEach((told) => { told.hidden = true; });
      last.after(fresh);
      this.refresh(fresh);
      this.count();
      fresh.querySelector("input").focus();
    }
  }

  function watch(page) {
    const form = page.form;
    const field = (event) => (event.target.matches("[data-item] input:not([type=checkbox])") ? event.target : null);
    const composing = (event) => event.isComposing || event.keyCode === 229;
    form.addEventListener("keydown", (event) => {
      const input = field(event);
      if (!input || composing(event)) return;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (input.dataset.asksMissing && plain && event.key.length === 1) {
        event.preventDefault();
        if (page.missingKey(input, event.key)) page.move(input, 1);
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.querySelector("button.main").focus();
      } else if (event.key === "Delete" && event.altKey && input.closest("fieldset")) {
        event.preventDefault();
        page.removeLine(input.closest("[data-line]"));
      } else if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.dispatchEvent(new CustomEvent("keep-now"));
      } else if (event.key === "F8") {
        event.preventDefault();
        page.askMissing(input);
      } else if (event.key === "F9") {
        event.preventDefault();
        page.keepAsWritten(input);
      } else if (plain && (event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        page.write(input);
        page.move(input, event.key === "ArrowUp" ? -1 : 1);
      }
    });
    // Space ticks, Enter goes on: a tick is never set, nor passed over, by the key that moves.
    const button = form.querySelector("button.main"), by = form.elements.confirmed_by;
    for (const [input, next] of [[form.elements.confirmed, by || button], [by, button]]) {
      input?.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        next.focus();
      });
    }
    form.addEventListener("input", (event) => { if (field(event) && !event.isComposing) page.typing(event.target); });
    form.addEventListener("compositionend", (event) => { if (field(event)) page.typing(event.target); });
    form.addEventListener("focusout", (event) => {
      const input = field(event);
      if (!input) return;
      delete input.dataset.asksMissing;
      page.write(input);
      page.changed(input);
    });
    form.addEventListener("click", (event) => {
      const link = event.target.closest("[data-look] a");
      if (link) { event.preventDefault(); document.getElementById(link.hash.slice(1)).focus(); return; }
      const code = event.target.closest("button[data-code]"), add = event.target.closest("[data-add]");
      if (add) { event.preventDefault(); page.addLine(); }
      const written = event.target.closest("[data-as-written]");
      if (written) {
        const kept = written.closest("[data-item]").querySelector("input");
        page.keepAsWritten(kept);
        kept.focus();
        return;
      }
      const remove = event.target.closest("[data-remove]");
      if (remove) page.removeLine(remove.closest("[data-line]"));
      if (!code) return;
      const input = code.closest("[data-item]").querySelector("input");
      page.put(input, input.value === code.dataset.code ? "" : code.dataset.code);
      input.focus();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-logic]")) {
      const page = new Page(form);
      form.querySelectorAll("[data-remove]").forEach((button) => { button.hidden = false; });
      watch(page);
      Draft.watch(form, page);
      if (form.dataset.compare) Compare.watch(form, page);
      const wrong = form.querySelector(".item.wrong input");
      const blank = page.fields().find((input) => page.asked(input) && !input.value.trim());
      (wrong || blank || form.querySelector("button.main")).focus();
    }
  });
  return { Page };
})();

// Reconciling by keys: a choice, its reason, next. Nothing is sent before Confirm; U takes a decision back.
"use strict";

// From decision to decision, and to the button that confirms them; arrows go on from there to the lines.
function moveOn(from, step) {
  const stops = [...document.querySelectorAll("fieldset.difference, .bar button.main")];
  const next = stops[stops.indexOf(from) + step];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
document.addEventListener("keydown", (event) => {
  const arrows = { ArrowDown: 1, ArrowUp: -1 };
  if (!event.target.matches(".bar button.main") || !Object.hasOwn(arrows, event.key)) return;
  event.preventDefault();
  moveOn(event.target, arrows[event.key]);
});

document.addEventListener("DOMContentLoaded", () => {
  const CHOICES = { 1: "first", 2: "second", n: "new_value", x: "cannot_decide" };
  const REASONS = { m: "misread", t: "typing_error", i: "illegible", c: "code_list", b: "blank_on_crf" };
  for (const form of document.querySelectorAll("form[data-reconcile]")) {
    const boxes = [...form.querySelectorAll("fieldset")], note = form.querySelector("[data-decided]");
    if (!note) continue;
    const reasonOf = (box) => box.querySelector("select");
    const chosen = (box) => box.querySelector("input[type=radio]:checked");

    function look() {
      boxes.forEach((box) => box.classList.toggle("decided", Boolean(chosen(box))));
      const n = boxes.filter(chosen).length;
      note.textContent = n === 1 ? form.dataset.one : form.dataset.count.replace("{n}", n);
    }
    function choose(box, choice) {
      box.querySelector(`input[value=${choice}]`).checked = true;
      if (choice === "cannot_decide") reasonOf(box).value = ""; // else a letter says why: nobody's reason is assumed
      if (choice === "new_value") box.querySelector("input.short").focus();
      look();
    }
    form.addEventListener("keydown", (event) => {
      const box = event.target.closest("fieldset");
      if (!box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const writing = event.target.matches("input.short"), key = event.key.toLowerCase();
      const arrow = ["arrowdown", "arrowup"].includes(key);
      if (event.key === "Enter" || (arrow && !writing && !event.target.matches("select"))) {
        event.preventDefault();
        moveOn(box, key === "arrowup" ? -1 : 1);
      } else if (event.key === "Escape") {
        box.focus();
      } else if (writing) {
        return;
      } else if (Object.hasOwn(CHOICES, key)) {
        event.preventDefault();
        choose(box, CHOICES[key]);
      } else if (Object.hasOwn(REASONS, key)) {
        event.preventDefault();
        reasonOf(box).value = REASONS[key];
      } else if (key === "u") {
        event.preventDefault();
        if (chosen(box)) chosen(box).checked = false;
        reasonOf(box).value = "";
        look();
      }
    });
    form.addEventListener("change", (event) => {
      const box = event.target.closest("fieldset");
      if (event.target.matches("input.short")) box.querySelector("input[value=new_value]").checked = true;
      if (event.target.matches("input[type=radio]")) choose(box, event.target.value);
      look();
    });
    form.addEventListener("reset", () => window.setTimeout(look, 0));
    look();
    boxes[0].focus();
  }
});

// Lines that only one entry has: P, K and E say what stands on the paper, U takes it back.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-lines]");
  const note = form && form.querySelector("[data-decided]");
  if (!note) return;
  const boxes = [...form.querySelectorAll("fieldset")], fateOf = (box) => box.querySelector("select");

  function look() {
    boxes.forEach((box) => box.classList.toggle("decided", fateOf(box).value !== ""));
    const n = boxes.filter((box) => fateOf(box).value).length;
    note.textContent = n === 1 ? form.dataset.one : form.dataset.count.replace("{n}", n);
  }
  function decide(box, fate) {
    fateOf(box).value = fate;
    look();
  }
  function nextPair(box) {
    const pairs = [...fateOf(box).options].map((one) => one.value).filter((value) => value.startsWith("pair:"));
    return pairs[(pairs.indexOf(fateOf(box).value) + 1) % pairs.length] ?? "";
  }
  const ACTS = {
    p: (box) => decide(box, nextPair(box)),
    k: (box) => decide(box, "keep"),
    e: (box) => decide(box, "error"),
    u: (box) => decide(box, ""),
    enter: (box) => moveOn(box, 1),
    arrowdown: (box) => moveOn(box, 1),
    arrowup: (box) => moveOn(box, -1),
  };
  form.addEventListener("keydown", (event) => {
    const box = event.target.closest("fieldset"), key = event.key.toLowerCase();
    if (!box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const ownKey = event.target.matches("select") && key.startsWith("arrow"); // of the list itself
    if (event.key === "Escape") {
      box.focus();
    } else if (!ownKey && Object.hasOwn(ACTS, key)) {
      event.preventDefault();
      ACTS[key](box);
    }
  });
  form.querySelector("[data-undo]").addEventListener("click", () => boxes.forEach((box) => decide(box, "")));
  form.addEventListener("change", look);
  look();
  if (!document.querySelector("form[data-reconcile]")) boxes[0].focus();
});

// Values and lines are two forms: what is decided in one is not lost because the other is sent.
document.addEventListener("DOMContentLoaded", () => {
  const forms = [...document.querySelectorAll("form[data-reconcile], form[data-lines]")];
  const told = document.querySelector("[data-other-first]");
  if (!told) return;
  const decided = (form) => form.querySelector("fieldset.decided") !== null;
  forms.forEach((form, at) => {
    const other = forms[1 - at];
    if (!other) return;
    const first = (event) => {
      if (!decided(other)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      other.querySelector(".bar").before(told);
      told.hidden = false;
      other.querySelector("button.main").focus();
    };
    form.addEventListener("submit", first, { capture: true });
    const settle = () => window.setTimeout(() => (told.hidden = told.hidden || !decided(form)), 0);
    for (const kind of ["change", "keydown", "click", "reset"]) form.addEventListener(kind, settle);
  });
});

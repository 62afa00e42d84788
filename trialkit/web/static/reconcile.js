// Reconciling by keys: a choice, its reason, next. Nothing is sent before Confirm; U takes a decision back.
"use strict";

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
    function move(box, step) {
      const next = boxes[boxes.indexOf(box) + step] || (step > 0 ? form.querySelector("button.main") : null);
      if (!next) return;
      (next.matches("fieldset") ? next : next).focus();
      next.scrollIntoView({ block: "nearest" });
    }
    form.addEventListener("keydown", (event) => {
      const box = event.target.closest("fieldset");
      if (!box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const writing = event.target.matches("input.short"), key = event.key.toLowerCase();
      if (event.key === "Enter" || (!writing && !event.target.matches("select") && ["arrowdown", "arrowup"].includes(key))) {
        event.preventDefault();
        move(box, key === "arrowup" ? -1 : 1);
      } else if (writing || event.target.matches("select")) {
        if (event.key === "Escape") box.focus();
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

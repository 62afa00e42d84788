// The session ended while a form is open: the page is covered until the same person has signed in again. What
// was typed stays in it, shown to nobody else.
"use strict";

const Again = (() => {
  function watch(form, keeper) {
    const dialog = document.querySelector("dialog[data-again]"), sign = dialog.querySelector("form");
    const said = dialog.querySelector("[data-said]");
    let covered = false;
    const cover = () => {
      if (covered) return;
      covered = true;
      document.body.classList.add("covered");
      said.textContent = "";
      dialog.showModal();
      sign.elements.password.focus();
    };
    const uncover = () => {
      covered = false;
      document.body.classList.remove("covered");
      dialog.close();
      document.dispatchEvent(new Event("trialkit:asked"));
    };
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => { if (covered) dialog.showModal(); }); // a browser closes at a second Escape
    document.addEventListener("trialkit:ended", cover);
    sign.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(sign));
      sign.elements.password.value = "";
      if (sign.elements.code) sign.elements.code.value = "";
      try {
        const answer = await fetch(sign.action, { method: "POST", body, redirect: "manual", headers: { "X-Requested-With": "trialkit" } });
        const taken = answer.type === "opaqueredirect" && await keeper.renew();
        said.textContent = taken ? "" : sign.dataset.refused;
        if (taken) { uncover(); keeper.keep(); } else sign.elements.password.focus();
      } catch {
        said.textContent = sign.dataset.unreached;
      }
    });
  }
  return { watch };
})();

// What is typed is kept on the server while it is typed: a dead browser, an ended session, a restarted server
// and a lost connection lose nothing. Nothing is kept in this browser.
"use strict";

const Draft = (() => {
  const AFTER_MS = 1500;
  const AT_LATEST_MS = 4000; // whoever types without a pause is kept too
  const AGAIN_MS = 5000;

  class Keeper {
    constructor(form, page) {
      this.form = form;
      this.page = page;
      this.note = form.querySelector("#kept");
      this.timer = 0;
      this.sending = null;
      this.dirty = false;
      this.since = 0; // when the first key came that is not kept
      this.taken = false; // somebody completed, locked or froze the form: what stands here is to read
      this.held = false; // another window has a newer copy: nothing is sent until somebody chose
    }

    soon() {
      if (this.taken) return;
      const now = Date.now();
      if (!this.dirty) this.since = now;
      this.dirty = true;
      window.clearTimeout(this.timer);
      const left = this.since + AT_LATEST_MS - now;
      this.timer = window.setTimeout(() => this.keep(), Math.max(0, Math.min(AFTER_MS, left)));
    }

    // One at a time; whether what stands in the page is kept now.
    async keep({ force = false } = {}) {
      if (this.sending) { await this.sending; }
      if (this.taken || (this.held && !force)) return false;
      window.clearTimeout(this.timer);
      this.sending = this.send(force);
      const kept = await this.sending;
      this.sending = null;
      if (!kept && !this.held && !this.taken) this.timer = window.setTimeout(() => this.keep(), AGAIN_MS);
      return kept;
    }

    async send(force) {
      this.dirty = false;
      const body = new URLSearchParams(new FormData(this.form));
      if (force) body.set("draft_version", "any");
      try {
        let answer = await this.post(body);
        if (answer.status === 401 || answer.status === 403) {
          if (!(await this.renew())) { this.ended(); return false; }
          body.set("csrf", this.form.elements.csrf.value);
          answer = await this.post(body);
        }
        if (answer.status === 409) { this.choose(await answer.json()); this.dirty = true; return false; }
        if (!answer.ok) { this.say("notKept"); this.dirty = true; return false; }
        document.dispatchEvent(new Event("trialkit:asked"));
        const told = await answer.json();
        this.form.elements.draft_version.value = told.version;
        this.held = false;
        this.form.querySelector("[data-newer]").hidden = true;
        this.say("kept", told.kept);
        this.company(told.others, told);
        return true;
      } catch {
        this.say("notKept");
        this.dirty = true;
        return false;
      }
    }

    post(body) {
      return fetch(this.form.dataset.draft, {
        method: "POST", body, keepalive: body.toString().length < 60000, redirect: "manual",
        headers: { "X-Requested-With": "trialkit" },
      });
    }

    ended() {
      this.say("signedOut");
      this.dirty = true;
      document.dispatchEvent(new Event("trialkit:ended"));
    }

    // After signing in again: a token of the new session, if it is the same account's.
    async renew() {
      const answer = await fetch(window.location.href, { redirect: "manual" });
      if (!answer.ok) return false;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-logic]");
      if (!fresh || fresh.dataset.account !== this.form.dataset.account) return false;
      this.form.elements.csrf.value = fresh.elements.namedItem("csrf").value;
      return true;
    }

    say(words, time = "") {
      const text = `${this.note.dataset[words]} ${time}`.trim();
      if (this.note.textContent !== text) this.note.textContent = text;
      this.note.classList.toggle("alarm", words !== "kept");
    }

    choose(told) {
      this.held = true;
      const box = this.form.querySelector("[data-newer]");
      box.hidden = !told.newer;
      box.querySelector("[data-time]").textContent = told.newer;
      this.say("held");
      if (!told.newer) this.company([], told); // completed in another window: there is no copy to choose
    }

    company(others, { taken, closed }) {
      for (const [name, found] of [["others", others.join(", ")], ["taken", taken], ["closed", closed]]) {
        const box = this.form.querySelector(`[data-${name}]`);
        box.hidden = !found;
        if (found && name === "others") box.querySelector("[data-who]").textContent = found;
      }
      if ((taken || closed) && !this.taken) this.close(taken ? "taken" : "closed");
    }

    // What stands here can be read and no longer be changed, nor completed.
    close(why) {
      this.taken = true;
      this.dirty = false;
      this.form.querySelectorAll("input").forEach((input) => { input.readOnly = true; });
      this.form.querySelectorAll("button, input[type=checkbox]").forEach((one) => { one.disabled = true; });
      document.querySelectorAll("main details, .sides, .bar, [data-look], [data-add]").forEach((one) => { one.hidden = true; });
      const notice = this.form.querySelector(`[data-${why}]`);
      notice.focus();
      notice.scrollIntoView({ block: "center" });
    }

    // Complete waits until what stands here is kept: without a connection nothing is sent and nothing is lost.
    async complete(event) {
      if (this.sure) return;
      event.preventDefault();
      if (this.completing) return; // a second click while the first one's draft is being kept
      this.completing = true;
      const button = event.submitter;
      this.form.elements.not_asked.value = this.page.notAsked();
      const kept = await this.keep();
      this.completing = false;
      if (this.taken) return;
      if (!kept) { this.note.focus(); return; }
      if (button?.matches(".main") && this.page.toLookAt()) return;
      this.sure = true;
      this.form.requestSubmit(button);
    }
  }

  function watch(form, page) {
    const keeper = new Keeper(form, page);
    Again.watch(form, keeper);
    form.addEventListener("input", () => keeper.soon());
    form.addEventListener("change", () => keeper.soon());
    form.addEventListener("keep-now", () => keeper.keep());
    form.addEventListener("submit", (event) => keeper.complete(event));
    form.querySelector("[data-keep-this]").addEventListener("click", () => keeper.keep({ force: true }));
    form.querySelector("[data-take-other]").addEventListener("click", () => window.location.reload());
    document.addEventListener("visibilitychange", () => { if (keeper.dirty) keeper.keep(); });
    window.addEventListener("online", () => { if (keeper.dirty) keeper.keep(); });
  }
  return { watch };
})();

// A field's history beside the form. Without scripts the link opens the same as a page.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const drawer = document.querySelector("dialog.drawer");
  if (!drawer) return;
  const content = drawer.querySelector("[data-content]");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (event.target.closest("[data-close]")) drawer.close();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    content.textContent = "";
    try {
      const answer = await fetch(link.href, { redirect: "manual" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector("[data-drawer-content]");
      if (!answer.ok || !found) throw new Error("not a history");
      content.replaceChildren(document.adoptNode(found));
    } catch {
      content.textContent = drawer.dataset.failed;
    }
    if (!drawer.open) drawer.showModal();
  });
});

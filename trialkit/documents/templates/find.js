// Find: leaves only the outputs that hold every word typed, marks the rows that hold one, unfolds them and brings the first
// into view in its box; Enter goes to the next, with Shift to the one before. What it unfolded it folds again.
(function () {
  var box = document.querySelector(".find"), main = document.querySelector("main");
  if (!box || !main) return;
  box.hidden = false;
  var input = box.querySelector("input"), said = box.querySelector("output");
  var outputs = Array.prototype.slice.call(main.querySelectorAll(".output, .notice, .findings > li"));
  var texts = outputs.map(function (one) { return one.textContent.toLowerCase(); });
  var hits = [], at = -1, words = [], found = 0;
  function tell() {
    said.textContent = words.length ? (at < 0 ? "" : at + 1 + " of " + hits.length + " in ") + found + (found === 1 ? " output" : " outputs") : "";
  }
  function mark(place) {
    if (hits[at]) hits[at].classList.remove("now");
    at = place;
    if (hits[at]) hits[at].classList.add("now");
  }
  function show(fold) {
    var scroll = fold.querySelector(".scroll"), row = fold.querySelector("tr.hit"), head = fold.querySelector("thead");
    scroll.scrollTop += row.getBoundingClientRect().top - scroll.getBoundingClientRect().top - head.offsetHeight;
  }
  function step(by) {
    if (!hits.length) return;
    mark(at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length);
    hits[at].scrollIntoView({ block: "center", behavior: "instant" });
    tell();
  }
  function find() {
    mark(-1);
    words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = 0;
    outputs.forEach(function (one, place) {
      var holds = words.every(function (word) { return texts[place].indexOf(word) >= 0; });
      one.classList.toggle("unfound", !holds);
      if (holds) found += 1;
    });
    main.querySelectorAll(".entry, .chapter").forEach(function (part) {
      part.classList.toggle("unfound", words.length > 0 && !part.querySelector(".output:not(.unfound), .notice:not(.unfound), .findings > li:not(.unfound)"));
    });
    main.querySelectorAll("tbody tr").forEach(function (row) {
      var text = row.textContent.toLowerCase();
      row.classList.toggle("hit", words.length > 0 && words.some(function (word) { return text.indexOf(word) >= 0; }));
    });
    main.querySelectorAll("details.folded").forEach(function (fold) {
      var holds = fold.querySelector("tr.hit") && !fold.closest(".unfound");
      if (holds && !fold.open) fold.open = fold.found = true;
      else if (!holds && fold.found) fold.open = fold.found = false;
      if (holds) show(fold);
    });
    hits = [];
    outputs.forEach(function (one) {
      if (!words.length || one.classList.contains("unfound")) return;
      var rows = one.querySelectorAll("tr.hit");
      hits.push.apply(hits, rows.length ? rows : [one]);
    });
    tell();
  }
  input.addEventListener("input", find);
  input.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  window.addEventListener("beforeprint", function () { input.value = ""; find(); });
})();

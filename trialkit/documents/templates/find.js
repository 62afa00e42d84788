// Find: leaves only the outputs that hold every word typed, marks the rows that hold one, and unfolds them.
(function () {
  var box = document.querySelector(".find"), main = document.querySelector("main");
  if (!box || !main) return;
  box.hidden = false;
  var input = box.querySelector("input"), said = box.querySelector("output");
  var outputs = Array.prototype.slice.call(main.querySelectorAll(".output, .notice, .findings > li"));
  var texts = outputs.map(function (one) { return one.textContent.toLowerCase(); });
  function find() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), found = 0;
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
      if (words.length && !fold.open && fold.querySelector("tr.hit")) fold.open = fold.found = true;
      else if (!words.length && fold.found) fold.open = fold.found = false;
    });
    said.textContent = words.length ? found + (found === 1 ? " output" : " outputs") : "";
  }
  input.addEventListener("input", find);
  window.addEventListener("beforeprint", function () { input.value = ""; find(); });
})();

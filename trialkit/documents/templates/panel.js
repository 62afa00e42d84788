// A click on a number opens what stands behind it: its rows in the results, the model, the entry of the plan.
(function () {
  var store = document.getElementById("behind"), panel = document.querySelector(".panel");
  if (!store || !panel || !panel.showModal) return;
  var behind = JSON.parse(store.textContent);
  function references(cell) {
    return cell.getAttribute("data-result").split(" ").map(function (text) {
      // analysis/table/row/column; an analysis' id may itself hold a slash
      var parts = text.split("/"), column = parts.pop(), row = parts.pop(), table = parts.pop();
      return { analysis: parts.join("/"), row: table + "/" + row, column: column, table: table };
    }).filter(function (one) { return behind[one.analysis] && behind[one.analysis].rows[one.row]; });
  }
  function element(name, text) { var made = document.createElement(name); made.textContent = text; return made; }
  // what a cell prints, without the letters of the footnotes below its table
  function printed(cell) {
    var copy = cell.cloneNode(true);
    copy.querySelectorAll("sup").forEach(function (mark) { mark.remove(); });
    return copy.textContent.trim();
  }
  function rowTable(values, asked) {
    var table = document.createElement("table"), body = table.appendChild(document.createElement("tbody"));
    Object.keys(values).forEach(function (column) {
      var line = body.appendChild(document.createElement("tr"));
      if (asked.indexOf(column) >= 0) line.className = "asked";
      line.appendChild(element("th", column));
      line.appendChild(element("td", values[column] === null ? "–" : String(values[column])));
    });
    return table;
  }
  function open(cell) {
    var found = references(cell), analysis = behind[found[0].analysis], place = panel.querySelector(".values"), seen = {};
    panel.querySelector(".title").textContent = (cell.getAttribute("data-title") || printed(cell)) + " · " + analysis.title;
    panel.querySelector(".where").textContent = "results.json, analysis " + found[0].analysis;
    place.textContent = "";
    found.forEach(function (one) {
      var key = one.analysis + "/" + one.row;
      (seen[key] = seen[key] || { of: one, columns: [] }).columns.push(one.column);
    });
    Object.keys(seen).forEach(function (key) {
      var one = seen[key].of, other = one.analysis === found[0].analysis ? "" : "Analysis " + one.analysis + ", table ";
      place.appendChild(element("p", (other || "Table ") + one.row.replace("/", ", row ")));
      place.appendChild(rowTable(behind[one.analysis].rows[one.row], seen[key].columns));
    });
    panel.querySelector(".model").textContent = analysis.model;
    panel.querySelector(".plan").textContent = analysis.plan || "Not part of this report.";
    panel.showModal();
  }
  document.querySelectorAll("[data-result]").forEach(function (cell) {
    if (!cell.getAttribute("data-result") || !references(cell).length) return;
    cell.setAttribute("data-behind", "");
    cell.setAttribute("tabindex", "0");
    cell.addEventListener("click", function () { open(cell); });
    cell.addEventListener("keydown", function (event) { if (event.key === "Enter") open(cell); });
  });
  // no form: a page shown in a sandbox may send none, not even to its own dialog
  panel.querySelector(".close").addEventListener("click", function () { panel.close(); });
  panel.addEventListener("click", function (event) { if (event.target === panel) panel.close(); });
})();

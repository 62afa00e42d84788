"use strict";
// The frozen model evaluated in the page: the same arithmetic as trialkit.prediction.evaluating, line by line.
(function () {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const model = read("model"), card = read("card"), words = read("words");
  const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const logit = (p) => { const q = Math.min(Math.max(p, 1e-6), 1 - 1e-6); return Math.log(q / (1 - q)); };

  function leaf(tree, inputs, strict) {
    let node = 0;
    while (tree.left[node] !== -1) {
      const x = inputs[tree.column[node]], t = tree.threshold[node];
      node = (strict ? x < t : x <= t) ? tree.left[node] : tree.right[node];
    }
    return tree.value[node];
  }
  const kinds = {
    logistic(m, z) { return sigmoid(z.reduce((sum, x, i) => sum + x * m.coefficients[i], m.intercept)); },
    mlp(m, z) {
      let layer = z;
      m.layers.forEach((part, depth) => {
        const next = part.bias.map((b, j) => layer.reduce((sum, x, i) => sum + x * part.weights[i][j], b));
        layer = depth < m.layers.length - 1 ? next.map(Math.tanh) : next;
      });
      return sigmoid(layer[0]);
    },
    trees(m, z) {
      const inputs = m.inputs === "float32" ? z.map(Math.fround) : z;
      const total = m.trees.reduce((sum, tree) => sum + leaf(tree, inputs, m.goes_left === "less"), 0);
      return m.combine === "mean" ? total / m.trees.length : sigmoid(m.base + total);
    },
  };

  // a feature's number: itself, or the index of its level
  function coded(feature, raw) {
    if (raw === null || raw === undefined || String(raw).trim() === "") return { problem: "missing" };
    if (feature.levels.length) {
      const given = String(raw).trim(), index = Math.max(feature.levels.indexOf(given), feature.levels.indexOf(String(Number(given))));
      return index < 0 ? { problem: "unknown" } : { value: index };
    }
    const value = typeof raw === "number" ? raw : Number(String(raw).trim().replace(",", "."));
    return Number.isFinite(value) ? { value } : { problem: "unknown" };
  }
  // a term: the number itself, an indicator of a level, or a column of the number's restricted cubic spline
  function termValue(t, x) {
    if (t.level !== null) return Number(x === t.level);
    if (!t.curve) return x;
    const k = t.knots, n = k.length, cubed = (knot) => Math.max(x - knot, 0) ** 3, own = k[t.curve - 1], gap = k[n - 1] - k[n - 2];
    const tail = (cubed(k[n - 2]) * (k[n - 1] - own) - cubed(k[n - 1]) * (k[n - 2] - own)) / gap;
    return (cubed(own) - tail) / (k[n - 1] - k[0]) ** 2;
  }
  function columns(values) {
    return model.columns.map((column) => {
      const product = column.terms.reduce((p, t) => p * termValue(t, values[t.feature]), 1);
      return (product - column.mean) / column.scale;
    });
  }
  const risk = (values) => kinds[model.model.kind](model.model, columns(values));
  function between(x, at, y) {
    if (x <= at[0]) return y[0];
    for (let i = 1; i < at.length; i++) {
      if (x <= at[i]) return y[i - 1] + ((x - at[i - 1]) / (at[i] - at[i - 1] || 1)) * (y[i] - y[i - 1]);
    }
    return y[y.length - 1];
  }
  function predict(inputs) {
    const values = {}, problems = [], outside = [];
    for (const feature of model.features) {
      const { value, problem } = coded(feature, inputs[feature.name]);
      if (problem) problems.push({ feature: feature.name, problem });
      else {
        values[feature.key] = value;
        if (!feature.levels.length && (value < feature.lower || value > feature.upper)) outside.push(feature.name);
      }
    }
    if (problems.length) return { probability: null, problems, outside };
    const probability = risk(values), s = model.spread, score = logit(probability);
    return {
      probability, problems, outside, positive: probability >= model.threshold,
      lower: sigmoid(score + between(probability, s.at, s.lower)),
      upper: sigmoid(score + between(probability, s.at, s.upper)),
      contributions: contributions(values),
    };
  }
  // what each feature adds to the log-odds, against the typical person: exact for logistic regression, the
  // change when that one feature alone is set to its typical value for the others
  function contributions(values) {
    const whole = logit(risk(values));
    return model.features.map((f) => {
      const changed = Object.assign({}, values, { [f.key]: f.typical });
      return { feature: f.name, log_odds: whole - logit(risk(changed)) };
    }).sort((a, b) => Math.abs(b.log_odds) - Math.abs(a.log_odds));
  }
  window.trialkit = Object.freeze({
    points,
    predict, card,
    model: { id: model.id, version: model.version, sha256: model.sha256, learner: model.learner,
      features: model.features.map((f) => ({ name: f.name, unit: f.unit, levels: f.levels, lower: f.lower, upper: f.upper })) },
  });

  // ---- the page ----
  let language = (location.hash.match(/lang=(\w+)/) || [])[1] || (navigator.language.startsWith("zh") ? "zh" : "en");
  if (!words[language]) language = "en";
  const t = (key) => words[language][key] ?? words.en[key] ?? key;
  const levelLabels = (f) => f.levels.map((level, i) => (language === "zh" && (f.level_labels_zh || [])[i]) || f.level_labels[i] || level);
  const label = (f) => (language === "zh" && f.label_zh) || f.label;
  const described = (f) => { const words = (language === "zh" && f.definition_zh) || f.definition; return [words, f.tag && (language === "zh" ? `（${f.tag}）` : words ? ` (${f.tag})` : f.tag)].filter(Boolean).join(""); };
  const marks = { en: { stop: ". ", end: ".", list: ", ", of: ": " }, zh: { stop: "。", end: "。", list: "、", of: "：" } };
  const mark = (key) => marks[language][key];
  const unitOf = (f) => written((language === "zh" && f.unit_zh) || f.unit);
  const outcome = () => (language === "zh" && model.outcome.label_zh) || model.outcome.label;
  const byId = (id) => document.getElementById(id);
  const el = (tag, attributes = {}, ...children) => {
    const node = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const percent = (p) => (p < 0.005 ? "<1 %" : p > 0.995 ? ">99 %" : Math.round(p * 100) + " %");
  // room for the longest label, in units of the drawing: a Chinese character is twice as wide
  const room = (names, least) => Math.max(least, ...names.map((n) => 16 + [...n].reduce((sum, c) => sum + (c > "\u2e7f" ? 13.5 : 7.4), 0)));
  const written = (unit) => unit.replace(/([a-z])([23])(?![0-9])/g, (_, letter, power) => letter + (power === "2" ? "²" : "³"));
  const short = (x) => Number(x.toPrecision(3)).toString();
  const switched = {}; // feature -> shown in its other unit

  function fields() {
    const form = byId("inputs"), kept = inputs();
    form.replaceChildren(...model.features.map((f) => {
      const id = "f-" + f.name, hint = "h-" + f.name, factor = switched[f.name] ? f.alternative_factor : 1;
      const unit = switched[f.name] ? written(f.alternative_unit) : unitOf(f);
      let control;
      if (f.levels.length) {
        control = el("select", { id, "aria-describedby": hint }, el("option", { value: "" }, t("choose")),
          ...f.levels.map((level, i) => el("option", { value: level }, levelLabels(f)[i])));
      } else {
        control = el("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": hint });
      }
      const range = f.levels.length ? "" : `${t("range")} ${within(f.lower * factor, Math.ceil)} – ${within(f.upper * factor, Math.floor)} ${unit}`.trim();
      const head = el("div", { class: "head" }, el("label", { for: id }, label(f) + (unit ? ` (${unit})` : "")));
      if (f.alternative_unit) {
        const button = el("button", { type: "button", class: "unit" }, `${t("in")} ${switched[f.name] ? unitOf(f) : written(f.alternative_unit)}`);
        button.addEventListener("click", () => { switched[f.name] = !switched[f.name]; fields(); byId(id).focus(); });
        head.append(button);
      }
      const box = el("div", { class: "field" }, head, control, el("p", { id: hint, class: "hint" }, [range, described(f)].filter(Boolean).join(mark("stop"))));
      if (kept[f.name] !== undefined && kept[f.name] !== "") {
        control.value = f.levels.length ? kept[f.name] : short6(kept[f.name] * factor);
      }
      control.addEventListener("input", show);
      return box;
    }));
    show();
  }
  // a limit in five digits, rounded into the range: who enters what is written stays inside
  function within(x, way) {
    if (Number(x.toPrecision(5)) === Number(x.toPrecision(12))) return short6(x);
    const unit = Math.pow(10, Math.floor(Math.log10(Math.abs(x))) - 4);
    return short6(way(x / unit) * unit);
  }
  const short6 = (x) => Number(x.toPrecision(12)).toString();
  function inputs() {
    const entered = {};
    for (const f of model.features) {
      const control = byId("f-" + f.name);
      if (!control || control.value.trim() === "") continue;
      if (f.levels.length) entered[f.name] = control.value;
      else {
        const { value } = coded(f, control.value);
        entered[f.name] = value === undefined ? control.value : value / (shownFactor[f.name] || 1);
      }
    }
    return entered;
  }
  const shownFactor = {};
  byId("prevalence").value = short(100 * card.events / card.n);
  function show() {
    for (const f of model.features) shownFactor[f.name] = switched[f.name] ? f.alternative_factor : 1;
    const entered = inputs(), result = predict(entered), out = byId("result");
    for (const f of model.features) {
      const control = byId("f-" + f.name), hint = byId("h-" + f.name);
      const bad = result.outside.includes(f.name), wrong = result.problems.some((p) => p.feature === f.name && p.problem === "unknown");
      control.toggleAttribute("data-outside", bad);
      control.setAttribute("aria-invalid", String(bad || wrong));
      hint.classList.toggle("warn", bad || wrong);
    }
    const fragment = Object.entries(entered).map(([k, v]) => encodeURIComponent(k) + "=" + encodeURIComponent(v)).concat("lang=" + language).join("&");
    history.replaceState(null, "", "#" + fragment);
    if (result.probability === null) {
      const open = result.problems.map((p) => label(model.features.find((f) => f.name === p.feature)) + (p.problem === "unknown" ? ` (${t("no_number")})` : ""));
      out.replaceChildren(el("p", { class: "empty" }, t("fill") + " " + open.join(mark("list")) + mark("end")));
      byId("detail").replaceChildren();
      ownPoints(null);
      return;
    }
    const parts = [];
    if (result.outside.length) parts.push(el("p", { class: "warning", role: "alert" }, t("outside") + " " + result.outside.map((n) => label(model.features.find((f) => f.name === n))).join(mark("list")) + mark("end")));
    parts.push(
      el("p", { class: "risk" }, percent(result.probability)),
      el("p", { class: "of" }, outcome()),
      el("p", {}, `${Math.round(result.probability * 100)} ${t("of100")}`),
      el("p", { class: "hint" }, `${t("interval")} ${percent(result.lower)} – ${percent(result.upper)}${mark("stop")}${t("interval_means")}`),
      people(result.probability),
      el("p", {}, `${t("threshold")} ${percent(model.threshold)}${mark("of")}${result.positive ? t("above") : t("below")}${mark("stop")}${t("sensitivity")} ${percent(card.performance.sensitivity[0])}${mark("list")}${t("specificity")} ${percent(card.performance.specificity[0])}${mark("end")}`),
      el("p", { id: "predictive" }, predictive(result.positive)));
    out.replaceChildren(...parts);
    byId("detail").replaceChildren(bars(result.contributions), whatIf(entered));
    ownPoints(entered);
  }
  // what a yes or no at the threshold is worth where the outcome is as common as the reader says (Bayes)
  function predictive(positive) {
    const share = Number(byId("prevalence").value.trim().replace(",", ".")) / 100, [sensitivity] = card.performance.sensitivity, [specificity] = card.performance.specificity;
    if (!(share > 0 && share < 1)) return t("prevalence_range");
    const yes = (sensitivity * share) / (sensitivity * share + (1 - specificity) * (1 - share));
    const no = (specificity * (1 - share)) / (specificity * (1 - share) + (1 - sensitivity) * share);
    return t(positive ? "worth_of_yes" : "worth_of_no").replace("{share}", percent(share)).replace("{value}", percent(positive ? yes : no));
  }
  function people(p) {
    const svg = el("svg:svg", { viewBox: "0 0 200 64", role: "img", "aria-label": `${Math.round(p * 100)} ${t("of100")}`, class: "people" });
    const n = Math.round(p * 100);
    for (let i = 0; i < 100; i++) {
      svg.append(el("svg:circle", { cx: 6 + (i % 20) * 9.9, cy: 7 + Math.floor(i / 20) * 12.4, r: 4, class: i < n ? "yes" : "no" }));
    }
    return svg;
  }
  function bars(list) {
    const most = Math.max(...list.map((c) => Math.abs(c.log_odds)), 1e-9), height = list.length * 24 + 8;
    const left = room(list.map((c) => label(model.features.find((x) => x.name === c.feature))), 90), zero = left + 118;
    const svg = el("svg:svg", { viewBox: `0 0 ${zero + 126} ${height}`, role: "img", "aria-label": t("contributions") + ": " +
      list.map((c) => `${label(model.features.find((x) => x.name === c.feature))} ${c.log_odds.toFixed(2)}`).join(", "), class: "bars" });
    list.forEach((c, i) => {
      const f = model.features.find((x) => x.name === c.feature), y = i * 24 + 6, w = (Math.abs(c.log_odds) / most) * 80;
      svg.append(el("svg:text", { x: left - 8, y: y + 12, "text-anchor": "end" }, label(f)),
        el("svg:rect", { x: c.log_odds < 0 ? zero - w : zero, y, width: w, height: 15, class: c.log_odds < 0 ? "down" : "up" }),
        el("svg:text", { x: c.log_odds < 0 ? zero - 4 - w : zero + 4 + w, y: y + 12, "text-anchor": c.log_odds < 0 ? "end" : "start", class: "small" }, (c.log_odds < 0 ? "−" : "+") + Math.abs(c.log_odds).toFixed(2)));
    });
    svg.append(el("svg:line", { x1: zero, x2: zero, y1: 2, y2: height - 2, class: "axis" }));
    const named = (sign) => list.filter((c) => sign * c.log_odds > 0.005).map((c) => label(model.features.find((x) => x.name === c.feature))).join(t("and"));
    const said = [["raises", 1], ["lowers", -1]].filter(([, sign]) => named(sign)).map(([key, sign]) => t(key).replace("{names}", named(sign)));
    const sentence = said.length ? said.join(" ") : t("nothing_moves");
    return el("section", {}, el("h3", {}, t("contributions")), el("p", { id: "sentence" }, sentence), svg, el("p", { class: "hint" }, t(model.model.kind === "logistic" ? "exact" : "one_at_a_time")));
  }
  let chosenWhatIf = null;
  function whatIf(entered) {
    const numeric = model.features.filter((f) => !f.levels.length);
    if (!numeric.length) return el("section");
    const f = numeric.find((x) => x.name === chosenWhatIf) || numeric[0];
    const pick = el("select", { "aria-label": t("what_if") }, ...numeric.map((x) => {
      const option = el("option", { value: x.name }, label(x));
      option.selected = x.name === f.name;
      return option;
    }));
    pick.addEventListener("change", () => { chosenWhatIf = pick.value; show(); });
    const steps = 60, points = [];
    for (let i = 0; i <= steps; i++) {
      const x = f.lower + (i / steps) * (f.upper - f.lower);
      points.push([x, predict(Object.assign({}, entered, { [f.name]: x })).probability]);
    }
    const px = (x) => 40 + ((x - f.lower) / (f.upper - f.lower)) * 360, py = (p) => 160 - p * 145;
    const svg = el("svg:svg", { viewBox: "0 0 420 195", role: "img", class: "curve", "aria-label": `${t("what_if")}: ${label(f)}` });
    for (const p of [0, 0.25, 0.5, 0.75, 1]) {
      svg.append(el("svg:line", { x1: 40, x2: 400, y1: py(p), y2: py(p), class: "grid" }), el("svg:text", { x: 34, y: py(p) + 4, "text-anchor": "end", class: "small" }, String(p * 100)));
    }
    svg.append(el("svg:path", { d: points.map(([x, p], i) => (i ? "L" : "M") + px(x).toFixed(1) + " " + py(p).toFixed(1)).join(""), class: "line" }));
    const here = coded(f, entered[f.name]).value;
    if (here >= f.lower && here <= f.upper) svg.append(el("svg:circle", { cx: px(here), cy: py(predict(entered).probability), r: 5, class: "yes" }));
    svg.append(el("svg:text", { x: 40, y: 178, class: "small" }, short(f.lower)), el("svg:text", { x: 400, y: 178, "text-anchor": "end", class: "small" }, short(f.upper)),
      el("svg:text", { x: 220, y: 191, "text-anchor": "middle", class: "small" }, label(f) + (unitOf(f) ? ` (${unitOf(f)})` : "")));
    return el("section", {}, el("h3", {}, t("what_if")), pick, svg, el("p", { class: "hint" }, t("not_causal")));
  }
  // where a curve turns its axis would fold upon itself: one axis a rising or falling run, below each other
  function runs(f, of) {
    const steps = 2000, at = (i) => f.lower + (i / steps) * (f.upper - f.lower), found = [];
    let begun = 0, way = 0;
    for (let i = 1; i <= steps; i++) {
      const turn = Math.sign(of(at(i)) - of(at(i - 1)));
      if (way && turn && turn !== way) { found.push([begun, i - 1]); begun = i - 1; }
      way = turn || way;
    }
    found.push([begun, steps]);
    return found.map(([a, b]) => ({ from: of(at(a)), to: of(at(b)), marks: ticks(at(a), at(b)).map((x) => ({ at: short(x), lp: of(x) })) }));
  }
  // nomogram of a logistic model: the steepest feature spans 100 points, each begins at 0
  function scales() {
    if (model.model.kind !== "logistic" || model.columns.some((c) => c.terms.length > 1)) return null;
    const slopes = model.columns.map((c, i) => ({ term: c.terms[0], b: model.model.coefficients[i] / c.scale }));
    const lines = model.features.map((f) => {
      const own = slopes.filter((s) => s.term.feature === f.key);
      const of = (x) => own.reduce((sum, s) => sum + s.b * termValue(s.term, x), 0);
      const marks = f.levels.length ? f.levels.map((level, i) => ({ at: levelLabels(f)[i], lp: of(i) }))
        : ticks(f.lower, f.upper).map((x) => ({ at: short(x), lp: of(x) }));
      const curved = own.some((s) => s.term.curve), fine = curved ? runs(f, of) : null;
      const ends = fine ? fine.flatMap((r) => [r.from, r.to]) : f.levels.length ? marks.map((m) => m.lp) : [of(f.lower), of(f.upper), ...marks.map((m) => m.lp)];
      const low = Math.min(...ends), high = Math.max(...ends);
      return { f, of, marks, low, range: high - low, runs: fine || [{ from: low, to: high, marks }] };
    });
    const unit = Math.max(...lines.map((l) => l.range)) / 100 || 1;
    const base = lines.reduce((sum, l) => sum + l.low, model.model.intercept - model.columns.reduce((sum, c, i) => sum + (model.model.coefficients[i] * c.mean) / c.scale, 0));
    return { lines, unit, base, total: lines.reduce((sum, l) => sum + l.range, 0) / unit };
  }
  function points(entered) {
    const drawn = scales();
    if (drawn === null) return null;
    const by = Object.fromEntries(drawn.lines.map((l) => [l.f.name, (l.of(coded(l.f, entered[l.f.name]).value) - l.low) / drawn.unit]));
    const total = Object.values(by).reduce((sum, x) => sum + x, 0);
    return { by, total, probability: sigmoid(drawn.base + drawn.unit * total) };
  }
  function ownPoints(entered) {
    const own = entered && points(entered);
    if (!own) return byId("points").replaceChildren();
    const line = (name, value) => { const tr = el("tr", {}); tr.append(el("th", { scope: "row" }, name), el("td", {}, value)); return tr; };
    const table = el("table", {});
    for (const f of model.features) table.append(line(label(f), own.by[f.name].toFixed(1)));
    table.append(line(t("total"), own.total.toFixed(1)), line(t("result"), percent(own.probability)));
    byId("points").replaceChildren(el("h3", {}, t("own_points")), table);
  }
  function nomogram() {
    const box = byId("nomogram"), drawn = scales();
    if (drawn === null) { box.replaceChildren(el("p", { class: "hint" }, t("no_nomogram"))); return; }
    const { lines, unit, base, total } = drawn, axes = lines.flatMap((l) => l.runs.map((r, i) => ({ l, r, name: i ? "" : label(l.f) }))), height = (axes.length + 3) * 44;
    const left = room([...lines.map((l) => label(l.f)), t("points"), t("total"), t("risk_percent")], 90);
    const svg = el("svg:svg", { viewBox: `0 0 ${left + 540} ${height}`, class: "nomogram", role: "img", "aria-label": t("nomogram") });
    const row = (y, name, marks, scale, most) => {
      const [from, to] = most === undefined ? [marks[0].at2, marks[marks.length - 1].at2] : Array.isArray(most) ? most : [0, most];
      svg.append(el("svg:text", { x: left - 10, y: y + 4, "text-anchor": "end" }, name), el("svg:line", { x1: left + scale(from), x2: left + scale(to), y1: y, y2: y, class: "axis" }));
      const free = { above: -Infinity, below: -Infinity }; // where the next number may stand without touching the last
      marks.forEach((m, i) => {
        const x = left + scale(m.at2), begin = scale(m.at2) < 4 * m.text.length && m.text.length > 4, wide = 7 * m.text.length;
        svg.append(el("svg:line", { x1: x, x2: x, y1: y, y2: y - 5, class: "axis" }));
        const touches = (side) => (begin ? x : x - wide / 2) < free[side];
        const side = ["below", "above"].find((s, j) => !touches(s) && !(j === 0 && i % 2 && marks.length > 6 && !touches("above")));
        if (!side) return;
        free[side] = (begin ? x + wide : x + wide / 2) + 3;
        svg.append(el("svg:text", { x, y: y + (side === "above" ? -9 : 15), "text-anchor": begin ? "start" : "middle", class: "small" }, m.text));
      });
    };
    const full = (x) => (x / 100) * 500, wide = (x) => (x / total) * 500;
    row(20, t("points"), [0, 20, 40, 60, 80, 100].map((x) => ({ at2: x, text: String(x) })), full);
    const placed = (l, lp) => (lp - l.low) / unit;
    axes.forEach(({ l, r, name }, i) => row(20 + (i + 1) * 44, name, r.marks.map((m) => ({ at2: placed(l, m.lp), text: m.at })).sort((a, b) => a.at2 - b.at2), full, [r.from, r.to].map((lp) => placed(l, lp)).sort((a, b) => a - b)));
    row(20 + (axes.length + 1) * 44, t("total"), ticks(0, total).map((x) => ({ at2: x, text: short(x) })), wide);
    const risks = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95].map((p) => ({ at2: (logit(p) - base) / unit, text: Math.round(p * 100) + "" })).filter((m) => m.at2 >= 0 && m.at2 <= total);
    if (risks.length) row(20 + (axes.length + 2) * 44, t("risk_percent"), risks, wide);
    box.replaceChildren(svg);
  }
  function ticks(low, high) {
    const rough = (high - low) / 6, power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough), marks = [];
    for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) marks.push(Number(x.toPrecision(12)));
    return marks.length > 1 ? marks : [low, high];
  }
  // many people at once; the file never leaves the browser
  function csvRows(text) {
    const first = text.split("\n", 1)[0], count = (c) => first.split(c).length;
    const comma = [",", ";", "\t"].reduce((best, c) => (count(c) > count(best) ? c : best), ","); // as spreadsheets save
    const rows = [[]]; let cell = "", quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) { if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') quoted = false; else cell += c; }
      else if (c === '"') quoted = true;
      else if (c === comma) { rows[rows.length - 1].push(cell); cell = ""; }
      else if (c === "\n") { rows[rows.length - 1].push(cell.replace(/\r$/, "")); cell = ""; rows.push([]); }
      else cell += c;
    }
    rows[rows.length - 1].push(cell.replace(/\r$/, ""));
    return rows.filter((r) => r.length > 1 || r[0] !== "");
  }
  function batch(text) {
    const [names = [], ...rows] = csvRows(text.replace(/^\ufeff/, ""));
    const absent = model.features.map((f) => f.name).filter((n) => !names.some((given) => given.trim() === n));
    if (absent.length) return { absent };
    const lines = [["subject_id", "probability", "note"]];
    for (const row of rows) {
      const record = Object.fromEntries(names.map((n, i) => [n.trim(), row[i]]));
      const r = predict(record);
      const note = r.problems.map((p) => `${p.feature}: ${p.problem}`).concat(r.outside.map((n) => `${n}: outside`)).join("; ");
      lines.push([record.subject_id ?? String(lines.length), r.probability === null ? "" : String(r.probability), note]);
    }
    return { n: rows.length, text: lines.map((line) => line.map((c) => (/[",\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(",")).join("\n") + "\n" };
  }
  byId("batch").addEventListener("click", (event) => { event.target.value = ""; }); // the same file, mended, counts as new
  byId("batch").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const { absent, text, n } = batch(await file.text()), link = byId("batch-result");
    link.hidden = absent !== undefined;
    if (absent) { byId("batch-count").textContent = `${t("absent")} ${absent.join(", ")}`; return; }
    link.href = "data:text/csv;charset=utf-8," + encodeURIComponent(text);
    link.download = "risks.csv";
    byId("batch-count").textContent = `${n} ${t("lines")}`;
  });
  function translate() {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-word]").forEach((node) => { node.textContent = t(node.dataset.word); });
    byId("outcome").textContent = outcome();
    byId("title").textContent = document.title = (language === "zh" && card.title_zh) || card.title;
    document.querySelectorAll("[data-only]").forEach((node) => { node.hidden = node.dataset.only !== language; });
    document.querySelectorAll("[data-language]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.language === language)));
    nomogram();
    fields();
  }
  document.querySelectorAll("[data-language]").forEach((b) => b.addEventListener("click", () => { language = b.dataset.language; translate(); }));
  byId("clear").addEventListener("click", () => { for (const f of model.features) byId("f-" + f.name).value = ""; show(); byId("f-" + model.features[0].name).focus(); });
  byId("prevalence").addEventListener("input", show);
  byId("print").addEventListener("click", () => window.print());
  const link = new URLSearchParams(location.hash.slice(1));
  translate();
  for (const f of model.features) if (link.get(f.name) !== null) byId("f-" + f.name).value = link.get(f.name);
  show();
})();

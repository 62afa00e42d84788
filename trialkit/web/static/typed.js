// What a typed text is for an item: the page's courtesy of trialkit/entry/meaning.py, which decides. Held to it
// by tests/web/test_typing_in_the_page.py. Beside it, the ways of writing that are put right on leaving a field.
"use strict";

const Typed = (() => {
  const MISSING = ["not_done", "unknown", "not_applicable", "refused"];
  const AS_WRITTEN = "@as_written:"; // what stands on the form and can be no value: kept, and the site is asked
  const KEYS = { n: "not_done", u: "unknown", a: "not_applicable", r: "refused" };
  const ON_PAPER = { nd: "not_done", nk: "unknown", uk: "unknown", unk: "unknown", na: "not_applicable" };
  const NUMBER = /^[+-]?(?=\.?\d)(?:0|[1-9]\d*|)(?:\.\d+)?(?:[eE]([+-]?\d+))?$/;
  const DAY = /^\d{4}-\d{2}-\d{2}$/;
  const MONTH = /^\d{4}(?:-(\d{2}))?$/;
  const MOMENT = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/;
  const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
  const LONGEST_EXPONENT = 4000;
  const FIRST_YEAR = 1800, LAST_YEAR = 2199;

  function number(text, whole) {
    const found = NUMBER.exec(text);
    if (!found || (found[1] || "").length > LONGEST_EXPONENT) return null;
    if (whole && /[.eE]/.test(text)) return null;
    return Number.isFinite(Number(text)) ? Number(text) : null; // 1e400 is none that anything could be computed from
  }
  const day = (text) => (DAY.test(text) ? Logic.dayOf(text) : null);
  function moment(text) {
    const found = MOMENT.exec(text);
    const at = found ? Logic.clock(Number(found[2]), Number(found[3]), Number(found[4] || 0)) : null;
    const on = found ? Logic.dayOf(found[1]) : null;
    return at === null || on === null ? null : on * 86400 + at / 1e6;
  }
  function time(text) {
    const found = TIME.exec(text);
    return found ? Logic.clock(Number(found[1]), Number(found[2]), Number(found[3] || 0)) : null;
  }
  function partial(text) {
    const found = MONTH.exec(text);
    return found !== null && (found[1] === undefined || (Number(found[1]) >= 1 && Number(found[1]) <= 12));
  }
  const READ = {
    integer: (text) => number(text, true), number: (text) => number(text, false),
    date: day, datetime: moment, time,
  };
  // An end of a range as it came from the server; a day that begins a range of moments is its midnight.
  function bound(item, text) {
    if (text === null) return null;
    return item.type === "datetime" && DAY.test(text) ? day(text) * 86400 : READ[item.type](text);
  }

  // A number as its form has it, where that is with a comma.
  const COMMA = /^[+-]?\d*,\d+$/;
  const pointed = (item, text) => (item.comma && COMMA.test(text) ? text.replace(",", ".") : text);

  // {state: "blank" | "missing" | "value" | "problem", text, oddity: "" | "required" | "decimals" | "below" | "above"}
  function read(item, typed) {
    const text = pointed(item, item.type === "text" ? typed : Logic.strip(typed));
    if (!Logic.strip(text)) return { state: "blank", text: "", oddity: item.required ? "required" : "" };
    if (text.startsWith(AS_WRITTEN)) {
      const kept = Logic.strip(text.slice(AS_WRITTEN.length)) !== "";
      return { state: kept ? "missing" : "problem", text, oddity: kept ? "written" : "" };
    }
    if (text[0] === "@" && MISSING.includes(text.slice(1))) {
      return { state: item.missing.includes(text.slice(1)) ? "missing" : "problem", text, oddity: "" };
    }
    if (item.codes.length) return { state: item.codes.includes(text) ? "value" : "problem", text, oddity: "" };
    if (item.type === "text") return { state: "value", text, oddity: "" };
    const value = (READ[item.type] || (() => null))(text);
    if (value === null) return { state: item.partial && partial(text) ? "value" : "problem", text, oddity: "" };
    const dated = item.type === "date" || item.type === "datetime", year = Number(text.slice(0, 4));
    if (dated && (year < FIRST_YEAR || year > LAST_YEAR)) return { state: "problem", text, oddity: "" };
    return { state: "value", text, oddity: oddity(item, text, value) };
  }
  function oddity(item, text, value) {
    const decimals = (text.split(".")[1] || "").length;
    const counted = item.type === "number" || item.type === "integer";
    if (counted && item.decimals !== null && !/e/i.test(text) && decimals > item.decimals) return "decimals";
    const low = bound(item, item.low), high = bound(item, item.high);
    if (low !== null && value < low) return "below";
    return high !== null && value > high ? "above" : "";
  }

  // --- ways of writing ---
  const ascii = (text) => [...text].map((c) => {
    if (c === "。") return ".";
    if (c === "　") return " ";
    return c >= "！" && c <= "～" ? String.fromCharCode(c.charCodeAt(0) - 0xfee0) : c;
  }).join("");
  const begins = (item, letter) => item.codes.some((code) => code.toLowerCase().startsWith(letter));
  // The missing code that one key means in an item whose values cannot begin so.
  function keyed(item, text) {
    const letter = text.toLowerCase(), code = KEYS[letter];
    return item.type !== "text" && code && item.missing.includes(code) && !begins(item, letter) ? code : "";
  }
  // N was taken at once and D, or /D, comes after: the two letters of the paper; any other letter changes nothing. What stands in the field then.
  // UK/ begins a date whose day is not known.
  function completed(item, text) {
    if (item.type === "date" && item.partial && /^@unknown[-/.]$/.test(text)) return `UK${text.slice(-1)}`;
    const found = /^@([a-z_]+)\/?([a-z])$/i.exec(text), code = found && found[1];
    if (!found || item.codes.includes(text) || !MISSING.includes(code) || item.type === "text") return "";
    const letter = Object.keys(KEYS).find((key) => KEYS[key] === code);
    const meant = ON_PAPER[letter + found[2].toLowerCase()];
    if (!meant) return `@${code}`;
    return item.missing.includes(meant) ? `@${meant}` : letter + found[2]; // NA where it may not be: as typed
  }
  const DATES = [
    /^(\d{4})(\d{2})(\d{2})$/, /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2}|UK|uk)$/,
    /^(\d{4})年(\d{1,2})月(?:(\d{1,2})[日号])?$/, /^(\d{4})[-/.](\d{1,2})$/,
  ];
  const DAY_FIRST = /^(?:(?:UK|UNK|NK)[-/.])?(\d{1,2}|UK|UNK|NK)[-/.](\d{4})$/i; // UK/05/2019, 05/2019
  const YEAR_ALONE = /^(\d{4})(?:年|[-/.]UK(?:[-/.]UK)?)$/i;
  function date(text, item) {
    const alone = YEAR_ALONE.exec(text);
    if (alone) return item.partial ? alone[1] : text;
    const turned = DAY_FIRST.exec(text);
    if (turned && item.partial) {
      return /^\d/.test(turned[1]) ? `${turned[2]}-${turned[1].padStart(2, "0")}` : turned[2];
    }
    for (const way of DATES) {
      const found = way.exec(text);
      if (!found) continue;
      const month = `${found[1]}-${found[2].padStart(2, "0")}`, known = found[3] && !/uk/i.test(found[3]);
      if (known) return `${month}-${found[3].padStart(2, "0")}`;
      return item.partial ? month : text;
    }
    return text;
  }
  const WRITE = {
    date, number: (text, item) => pointed(item, text),
    datetime: (text, item) => {
      const [on, at, ...rest] = text.split(/[ T]+/);
      return at && !rest.length ? `${date(on, item)} ${at.padStart(5, "0")}` : text;
    },
    time: (text) => (/^\d{4}$/.test(text) ? `${text.slice(0, 2)}:${text.slice(2)}` : text),
  };
  // A digit is the code where codes are digits, else the place in the list; letters that one code begins with are it.
  function code(item, text) {
    if (item.codes.includes(text)) return text;
    if (/^[1-9]$/.test(text) && !item.codes.some((known) => /^\d/.test(known))) return item.codes[Number(text) - 1] || text;
    const begun = item.codes.filter((known) => known.toLowerCase().startsWith(text.toLowerCase()));
    return begun.length === 1 ? begun[0] : text;
  }
  // What was meant: seen in the field before anything is sent. Texts stay as typed.
  function written(item, typed, today) {
    if (item.type === "text" && !item.codes.length) return typed;
    const text = Logic.strip(ascii(typed));
    if (!text) return "";
    const missing = keyed(item, text) || (item.codes.includes(text) ? "" : ON_PAPER[text.toLowerCase().replace("/", "")]);
    if (missing && item.missing.includes(missing)) return `@${missing}`;
    if (item.codes.length) return code(item, text);
    if (text === "+" && today && item.type === "date") return today;
    return (WRITE[item.type] || ((same) => same))(text, item);
  }
  // Whether no other code begins like this one: it can be taken at once.
  const settled = (item, text) => item.codes.filter((known) => known.startsWith(text)).length === 1;
  return { read, written, keyed, completed, code, ascii, settled, AS_WRITTEN, MISSING, KEYS };
})();

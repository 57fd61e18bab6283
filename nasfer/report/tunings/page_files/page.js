"use strict";
// Sorts the tables and draws the plot. Text is set by textContent only: nothing of the data is HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const svg = document.getElementById("plot");
const tip = document.getElementById("tip");
const [axisX, axisY] = [document.getElementById("axis-x"), document.getElementById("axis-y")];
const names = document.getElementById("with-names");
const frame = { left: 70, right: 740, top: 15, bottom: 380 };

// ---- tables
function sortBy(table, index) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row) => row.cells[index].dataset.value ?? row.cells[index].textContent.trim();
  const rows = [...table.tBodies[0].rows];
  const number = (text) => (text.trim() === "" ? NaN : Number(text));
  const numeric = rows.every((row) => key(row) === "" || !Number.isNaN(number(key(row))));
  const upwards = heads[index].getAttribute("aria-sort") !== "ascending";
  rows.sort((a, b) => {
    const [one, two] = [key(a), key(b)];
    if (one === "" || two === "") return (one === "") - (two === ""); // blanks last, both ways
    const order = numeric ? number(one) - number(two) : one.localeCompare(two, "en");
    return upwards ? order : -order;
  });
  table.tBodies[0].append(...rows);
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[index].setAttribute("aria-sort", upwards ? "ascending" : "descending");
}
for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, index) =>
    head.firstElementChild.addEventListener("click", () => sortBy(table, index)));
}
function openNetwork(id) {
  const details = document.getElementById(id);
  if (details instanceof HTMLDetailsElement) details.open = true;
}
addEventListener("hashchange", () => openNetwork(location.hash.slice(1)));

// ---- plot
function draw(tag, attributes, text, parent = svg) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}
const value = (row, metric) => {
  const raw = row.values[metric.key];
  return raw === null || raw === undefined ? null : raw * metric.scale;
};
const spread = (row, metric) => (row.values[metric.key + "_std"] ?? 0) * metric.scale;
function short(number) {
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (Math.abs(number) >= size) return Number((number / size).toPrecision(4)) + unit;
  }
  return String(Number(number.toPrecision(4)));
}
function dominated(rows, mx, my) {
  const cost = (row) => [mx, my].map((m) => (m.lower ? 1 : -1) * value(row, m));
  const missing = (row) => value(row, mx) === null || value(row, my) === null;
  return rows.map((row) => missing(row) || rows.some((other) => {
    if (missing(other)) return false;
    const [a, b] = [cost(row), cost(other)];
    return b[0] <= a[0] && b[1] <= a[1] && (b[0] < a[0] || b[1] < a[1]);
  }));
}
function scale(metric, rows, from, to) {
  const ends = rows.flatMap((r) => [value(r, metric) - spread(r, metric),
    value(r, metric) + spread(r, metric)]);
  let [low, high] = [Math.min(...ends), Math.max(...ends)];
  const log = metric.log && low > 0;
  const turn = log ? Math.log10 : (v) => v;
  [low, high] = [turn(low), turn(high)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  [low, high] = [low - room, high + room];
  const place = (v) => from + ((turn(v) - low) / (high - low)) * (to - from);
  const ticks = [];
  const [first, last] = log ? [10 ** low, 10 ** high] : [low, high];
  const step = 10 ** Math.floor(Math.log10((last - first) / 3));
  const wide = step * ([5, 2, 1].find((m) => (last - first) / (step * m) >= 3) ?? 1);
  if (log && high - low > 0.7) {
    for (let power = Math.floor(low); power <= high; power++) {
      for (const digit of [1, 2, 5]) ticks.push(digit * 10 ** power);
    }
  } else {
    for (let t = Math.ceil(first / wide) * wide; t <= last; t += wide) ticks.push(t);
  }
  return { place, ticks: ticks.filter((t) => turn(t) >= low && turn(t) <= high) };
}
function describe(row, mx, my) {
  const figures = [mx, my].filter((m, i, all) => all.indexOf(m) === i).map((m) => {
    const s = spread(row, m);
    return `${m.label}: ${short(value(row, m))}${s ? " ± " + short(s) : ""}`;
  });
  return [`${row.name} (${row.kind}, ${row.seeds} seed${row.seeds === 1 ? "" : "s"})`, ...figures,
    row.structure.length > 160 ? row.structure.slice(0, 160) + "…" : row.structure].join("\n");
}
function showTip(mark, text) {
  tip.textContent = text;
  tip.hidden = false;
  const [box, at] = [svg.getBoundingClientRect(), mark.getBoundingClientRect()];
  const left = at.left - box.left > box.width / 2 ? at.left - box.left - tip.offsetWidth - 8
    : at.right - box.left + 8;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${Math.max(0, at.top - box.top - 10)}px`;
}
function mark(row, at, out, preset) {
  const kind = `mark ${preset ? "preset" : "candidate"}${out ? " out" : ""}`;
  if (!preset) return draw("circle", { cx: at[0], cy: at[1], r: 5.5, class: kind });
  const points = Array.from({ length: 10 }, (_, i) => {
    const [angle, r] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? 4 : 9];
    return `${at[0] + r * Math.cos(angle)},${at[1] + r * Math.sin(angle)}`;
  });
  return draw("polygon", { points: points.join(" "), class: kind });
}
function chosen(mx, my) {
  if (mx.test || my.test) {
    return "This front is chosen on the test split, whose figures are too good for those chosen.";
  }
  return mx.validation || my.validation ? "Chosen on validation; test reported." : "";
}
function plot() {
  const [mx, my] = [axisX, axisY].map((s) => data.metrics[s.selectedIndex]);
  svg.replaceChildren();
  tip.hidden = true;
  const out = dominated(data.rows, mx, my);
  document.getElementById("chosen").textContent = chosen(mx, my);
  for (const line of document.querySelectorAll("#candidates tbody tr")) {
    const away = out[Number(line.dataset.row)];
    line.classList.toggle("dominated", away);
    const cell = line.querySelector("[data-front]");
    cell.textContent = cell.dataset.value = away ? "dominated" : "front";
  }
  const rows = data.rows.filter((r) => value(r, mx) !== null && value(r, my) !== null);
  if (!rows.length) return;
  const sx = scale(mx, rows, frame.left, frame.right);
  const sy = scale(my, rows, frame.bottom, frame.top);
  for (const t of sx.ticks) {
    draw("line", { x1: sx.place(t), x2: sx.place(t), y1: frame.top, y2: frame.bottom, class: "grid" });
    draw("text", { x: sx.place(t), y: frame.bottom + 16, "text-anchor": "middle", class: "tick" }, short(t));
  }
  for (const t of sy.ticks) {
    draw("line", { x1: frame.left, x2: frame.right, y1: sy.place(t), y2: sy.place(t), class: "grid" });
    draw("text", { x: frame.left - 6, y: sy.place(t) + 4, "text-anchor": "end", class: "tick" }, short(t));
  }
  draw("text", { x: (frame.left + frame.right) / 2, y: 420, "text-anchor": "middle" }, mx.label);
  draw("text", { transform: `translate(16 ${(frame.top + frame.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, my.label);
  const places = new Map(rows.map((r) => [r, [sx.place(value(r, mx)), sy.place(value(r, my))]]));
  const front = data.rows.filter((_, i) => !out[i]).map((r) => places.get(r)).sort((a, b) => a[0] - b[0]);
  const steps = front.map((p, i) => (i === 0 ? `M${p}` : mx.lower ? `H${p[0]}V${p[1]}` : `V${p[1]}H${p[0]}`));
  draw("path", { d: steps.join(""), class: "front" });
  data.rows.forEach((row, i) => {
    const at = places.get(row);
    if (!at) return;
    const preset = row.kind === "preset";
    const kind = preset ? "preset" : "candidate";
    const ends = (m, s) => [-1, 1].map((sign) => s.place(value(row, m) + sign * spread(row, m)));
    if (spread(row, my)) {
      const [y1, y2] = ends(my, sy);
      draw("line", { x1: at[0], x2: at[0], y1, y2, class: kind });
    }
    if (spread(row, mx)) {
      const [x1, x2] = ends(mx, sx);
      draw("line", { x1, x2, y1: at[1], y2: at[1], class: kind });
    }
    const node = mark(row, at, out[i], preset);
    node.addEventListener("mouseenter", () => showTip(node, describe(row, mx, my)));
    node.addEventListener("mouseleave", () => { tip.hidden = true; });
    node.addEventListener("click", () => { location.hash = `network-${row.index}`; });
    if (preset || names.checked) {
      const right = at[0] > frame.right - 130;
      draw("text", { x: at[0] + (right ? -10 : 10), y: at[1] + 14, "text-anchor": right ? "end" : "start" }, row.name);
    }
  });
}
for (const [select, chosen] of [[axisX, data.x], [axisY, data.y]]) {
  for (const metric of data.metrics) {
    const option = document.createElement("option");
    option.textContent = metric.label;
    option.selected = metric.key === chosen;
    select.append(option);
  }
  select.addEventListener("change", plot);
}
names.addEventListener("change", plot);
plot();
openNetwork(location.hash.slice(1));

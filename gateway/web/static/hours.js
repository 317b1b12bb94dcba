// Drawings of a day: bars of its hours for a tile, and its curve for the page of a line. Hours come as sums at their end.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

// Each hour by itself: made and scrap are null where it has not begun.
function hoursOf(day) {
  let before = [0, 0, 0];
  return day.hours.map(([hour, until, planned, made, scrap]) => {
    const sums = [Number(planned), made === null ? null : Number(made), scrap === null ? null : Number(scrap)];
    const own = sums.map((sum, index) => (sum === null ? null : sum - before[index]));
    before = sums.map((sum, index) => sum ?? before[index]);
    return { hour, until: new Date(until).getTime(), planned: own[0], made: own[1], scrap: own[2], sums };
  });
}

function drawBars(svg, day) {
  const hours = hoursOf(day);
  const most = Math.max(1e-9, ...hours.map((hour) => Math.max(hour.planned, hour.made ?? 0)));
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, hours.length) * 10} 40`);
  svg.setAttribute("preserveAspectRatio", "none");
  const parts = [];
  hours.forEach((hour, index) => {
    const height = (Math.max(0, hour.made ?? 0) / most) * 38;
    const open = hour.until > now() ? " open" : "";
    if (hour.made !== null) {
      parts.push(draw("rect", { class: `bar${open}`, x: index * 10 + 1, y: 40 - height, width: 8, height }));
    }
    if (hour.planned > 0) {
      const y = 40 - (hour.planned / most) * 38;
      parts.push(draw("line", { class: "plan", x1: index * 10, x2: index * 10 + 10, y1: y, y2: y }));
    }
  });
  svg.replaceChildren(...parts);
}

function drawCurve(svg, day) {
  const isNarrow = svg.clientWidth < 500;
  const [left, right, top, bottom] = [isNarrow ? 92 : 56, 24, 16, isNarrow ? 40 : 28];
  const [width, height] = [720, isNarrow ? 420 : 300];
  const hours = hoursOf(day);
  if (!hours.length) {
    svg.replaceChildren();
    return;
  }
  const begin = hours[0].until - 3600000;
  const end = hours.at(-1).until;
  const most = Math.max(1e-9, ...hours.flatMap((hour) => hour.sums.map((sum) => sum ?? 0)));
  const x = (at) => left + ((at - begin) / (end - begin)) * (width - left - right);
  const y = (sum) => height - bottom - (sum / most) * (height - top - bottom);
  // The hour that runs ends now.
  const trace = (index) => [[begin, 0], ...hours.filter((hour) => hour.sums[index] !== null)
    .map((hour) => [index ? Math.min(hour.until, Math.max(now(), hour.until - 3600000)) : hour.until, hour.sums[index]])];
  const line = (index) => trace(index).map(([at, sum]) => `${x(at).toFixed(1)},${y(sum).toFixed(1)}`).join(" ");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [];
  for (const share of [0, 0.5, 1]) {
    const at = y(most * share);
    const label = draw("text", { class: "axis", x: left - 8, y: at + 4, "text-anchor": "end" });
    label.textContent = number(most * share);
    parts.push(draw("line", { class: "grid", x1: left, x2: width - right, y1: at, y2: at }), label);
  }
  const every = Math.ceil(hours.length / (isNarrow ? 6 : 12));
  hours.forEach((hour, index) => {
    if (index % every) return;
    const label = draw("text", { class: "axis", x: x(hour.until - 3600000), y: height - 8, "text-anchor": "middle" });
    label.textContent = hour.hour;
    parts.push(label);
  });
  parts.push(draw("polyline", { class: "plan", points: line(0) }), draw("polyline", { class: "scrap", points: line(2) }),
    draw("polyline", { class: "made", points: line(1) }));
  svg.replaceChildren(...parts);
}

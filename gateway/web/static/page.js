// What every page with scripts needs: its texts, and elements that hold text alone.
"use strict";

const page = document.documentElement;
const texts = JSON.parse(document.getElementById("texts").textContent);

function text(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function make(tag, className = "", content = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== "") element.textContent = content;
  return element;
}

function put(element, content) {
  if (element.textContent !== content) element.textContent = content;
}

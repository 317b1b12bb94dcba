// Light or dark: a person's choice on this device, else the system's. A wall is dark.
"use strict";

function dress() {
  const root = document.documentElement;
  const scheme = localStorage.getItem("scheme");
  if (scheme && !document.body?.classList.contains("wall")) root.dataset.scheme = scheme;
  else delete root.dataset.scheme;
}

dress();
addEventListener("DOMContentLoaded", () => {
  dress();
  document.getElementById("scheme")?.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.scheme === "dark" ||
      (!root.dataset.scheme && matchMedia("(prefers-color-scheme: dark)").matches);
    localStorage.setItem("scheme", isDark ? "light" : "dark");
    dress();
  });
});

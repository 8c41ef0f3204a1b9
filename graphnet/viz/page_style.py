"""The look and the behaviour of reports: one style sheet and one script, both ours."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --card: #f6f8fa; --ink: #22272e; --grey: #5b6675;
  --line: #d8dde3; --blue: #1f5a96; --focus: #e8871e; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --card: #1c2229; --ink: #e4e8ed;
  --grey: #a4aebb; --line: #343c46; --blue: #8fbce8; --focus: #f0a94f; } }
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
  background: var(--paper); color: var(--ink); scroll-behavior: smooth; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0.2rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 0.7rem; padding-top: 0.6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.3rem 0 0.4rem; }
p { margin: 0.4rem 0; max-width: 46rem; }
.grey { color: var(--grey); }
a { color: var(--blue); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; padding: 0; margin: 0.9rem 0 0; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 0.7rem;
  margin: 1.3rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 0.6rem 0.8rem; overflow-wrap: anywhere; }
.tiles b { display: block; font-size: 1.25rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--grey); font-size: 0.83rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; margin: 0.6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.38rem 0.8rem; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
th { background: var(--card); font-weight: 600; }
.number { text-align: right; }
.long { white-space: normal; overflow-wrap: anywhere; min-width: 15rem; }
tr:last-child td { border-bottom: 0; }
tfoot td { font-weight: 600; border-top: 1px solid var(--line); }
figure { margin: 0.8rem 0; }
figure img { max-width: 100%; height: auto; display: block; border-radius: 8px; border: 1px solid var(--line);
  background: #ffffff; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem;
  align-items: start; }
figcaption { color: var(--grey); font-size: 0.86rem; margin-top: 0.3rem; }
@media (prefers-color-scheme: dark) { img.plot, .view > svg { filter: invert(0.92) hue-rotate(180deg); } }
.view { position: relative; overflow: hidden; height: min(34rem, 75vh); border: 1px solid var(--line);
  border-radius: 8px; background: var(--paper); cursor: grab; touch-action: pan-y; }
.view:active { cursor: grabbing; }
.view > svg { position: absolute; left: 0; top: 0; transform-origin: 0 0; max-width: none; }
.tools { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; margin: 0.5rem 0; }
button { font: inherit; font-size: 0.88rem; min-width: 2.4rem; padding: 0.25rem 0.7rem; color: var(--ink);
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 0.8rem; font: 0.82rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
summary { cursor: pointer; padding: 0.25rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: 0.25rem 1rem; margin: 0.6rem 0; }
dt { color: var(--grey); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.88em ui-monospace, Menlo, Consolas, monospace; }
@media (max-width: 40rem) { figure { overflow-x: auto; } figure img { max-width: none; width: 30rem; } }
@media (max-width: 30rem) { html { font-size: 15px; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; } }
@media print { .view { height: auto; overflow: visible; } .view > svg { position: static; max-width: 100%;
  height: auto; } .tools, nav { display: none; } }
"""

SCRIPT = """
"use strict";
for (const view of document.querySelectorAll(".view")) {
  const svg = view.querySelector("svg");
  const box = svg.viewBox.baseVal;
  svg.setAttribute("width", box.width);
  svg.setAttribute("height", box.height);
  let scale = 1, x = 0, y = 0, held = null;
  const show = () => { svg.style.transform = `translate(${x}px, ${y}px) scale(${scale})`; };
  const whole = () => {
    scale = Math.min(1, view.clientWidth / box.width, view.clientHeight / box.height);
    x = (view.clientWidth - scale * box.width) / 2;
    y = Math.max(0, (view.clientHeight - scale * box.height) / 2);
    show();
  };
  const across = () => { scale = Math.min(1.4, view.clientWidth / box.width); x = 0; y = 0; show(); };
  const zoom = (factor, px = view.clientWidth / 2, py = view.clientHeight / 2) => {
    const next = Math.min(12, Math.max(0.02, scale * factor));
    x = px - (px - x) * next / scale;
    y = py - (py - y) * next / scale;
    scale = next;
    show();
  };
  const move = (dx, dy) => { x += dx; y += dy; show(); };
  const actions = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), whole, across };
  for (const button of view.parentElement.querySelectorAll("button[data-do]")) {
    button.addEventListener("click", () => actions[button.dataset.do]());
  }
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = view.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => {
    held = [event.clientX, event.clientY];
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (!held) return;
    move(event.clientX - held[0], event.clientY - held[1]);
    held = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, () => { held = null; });
  const keys = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  view.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys[event.key]) move(...keys[event.key]);
    else if (event.key === "+" || event.key === "=") zoom(1.3);
    else if (event.key === "-") zoom(1 / 1.3);
    else if (event.key === "0") whole();
    else return;
    event.preventDefault();
  });
  // At first all of it is seen, in a view no taller than it needs and the window has.
  const begin = () => {
    const tall = box.height * Math.min(1, view.clientWidth / box.width);
    view.style.height = `${Math.ceil(Math.min(tall, 800, 0.85 * innerHeight)) + 2}px`;
    whole();
  };
  let width = view.clientWidth;
  addEventListener("resize", () => {
    if (view.clientWidth !== width) begin();
    width = view.clientWidth;
  });
  begin();
}
"""

/** How the page looks: light and dark, on paper, and where the system chooses the colours. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f2; --panel: #ffffff; --ink: #1d2126; --dim: #666d75; --line: #e3e1dc; --soft: #f0eeea;
  --focus: #1f66d1; --mark: #e8f0fd;
  --completed: #1f7a62; --failed: #bf2c2c; --cancelled: #95590a; --rejected: #a8324f;
  --in_flight: #2a6bd4; --lost: #b0267f; --unknown: #757b83;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #131519; --panel: #1a1d22; --ink: #e4e6e9; --dim: #979ea7; --line: #2c3037; --soft: #21252b;
    --focus: #76a9f7; --mark: #21304a;
    --completed: #45a98d; --failed: #f5837c; --cancelled: #dca54a; --rejected: #e57f98;
    --in_flight: #71a5f5; --lost: #e479bf; --unknown: #9aa1a9;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { background: var(--ground); color: var(--ink); font: 13px/1.45 system-ui, "Segoe UI", Roboto, sans-serif; }
h1, h2, h3, p, dl, dd, ul, pre { margin: 0; }
code, .id, pre { font-family: var(--mono); font-size: 12px; }
button, input { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px; }
#grid:focus-visible, #requests:focus-visible { outline: none; }
#grid:focus-visible .body [aria-selected=true], #requests:focus-visible [aria-selected=true] { outline: 2px solid var(--focus); outline-offset: -2px; }
.s-completed { --state: var(--completed); } .s-failed { --state: var(--failed); }
.s-cancelled { --state: var(--cancelled); } .s-rejected { --state: var(--rejected); }
.s-in_flight { --state: var(--in_flight); } .s-lost { --state: var(--lost); }
.s-unknown { --state: var(--unknown); }
.glyph { color: var(--state); display: inline-block; width: 1.1em; text-align: center; flex: none; }
#page { height: 100%; display: grid; grid-template: auto 1fr auto / 292px minmax(0, 1fr) 356px;
  grid-template-areas: "top top top" "list grid detail" "foot foot foot"; }
#page.single { grid-template-columns: 0 minmax(0, 1fr) 356px; }
#page.single #requests { display: none; }
#top { grid-area: top; display: flex; gap: 16px 32px; align-items: flex-end; justify-content: space-between; flex-wrap: wrap;
  padding: 14px 20px 12px; background: var(--panel); border-bottom: 1px solid var(--line); }
#request { min-width: 0; flex: 1 1 420px; display: grid; gap: 3px; }
h1 { font-size: 19px; font-weight: 600; line-height: 1.3; display: flex; gap: 12px; align-items: baseline; letter-spacing: -.01em; }
h1 .what { overflow: hidden; text-overflow: ellipsis; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow-wrap: anywhere; }
.sign { font-weight: 600; color: var(--state); white-space: nowrap; }
h1 .sign { font-size: 12px; padding: 2px 9px 2px 5px; border-radius: 99px; border: 1px solid; letter-spacing: 0; }
.facts { color: var(--dim); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; max-height: 2.9em; overflow: auto; }
.ids { display: flex; gap: 4px 14px; flex-wrap: wrap; align-items: baseline; }
.why { color: var(--state); overflow-wrap: anywhere; max-height: 2.9em; overflow: auto; }
#tools { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
#search { width: 250px; padding: 5px 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--ground); }
#tools button, .switch { padding: 5px 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--panel); cursor: pointer; user-select: none; }
#tools button:hover, .switch:hover { background: var(--soft); }
.switch { display: inline-flex; gap: 6px; align-items: center; }
.switch:has(:checked) { border-color: var(--failed); color: var(--failed); }
.switch input { margin: 0; accent-color: var(--failed); }
#status { min-width: 9em; color: var(--dim); font-variant-numeric: tabular-nums; }
#requests { grid-area: list; overflow: auto; border-right: 1px solid var(--line); background: var(--panel); }
.body { position: relative; }
.request { position: absolute; left: 0; right: 0; height: 54px; padding: 8px 12px 8px 10px; border-bottom: 1px solid var(--line); cursor: default;
  display: grid; grid-template: auto auto / 18px minmax(0, 1fr) auto; gap: 0 4px; align-items: baseline; }
.request > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.request .what { font-weight: 550; } .request .took { padding: 0; } .request .id { text-align: right; }
.request .about { grid-column: 2; color: var(--dim); font-size: 12px; } .request .id { color: var(--dim); font-size: 11px; }
.request[aria-selected=true] { background: var(--mark); box-shadow: inset 3px 0 var(--focus); }
#grid { grid-area: grid; overflow: auto; position: relative; background: var(--panel); }
.row { display: grid; grid-template-columns: minmax(250px, 5fr) 74px 74px minmax(230px, 8fr); min-width: 640px; height: 28px; align-items: center; }
.row.head { position: sticky; top: 0; z-index: 2; height: 32px; background: var(--panel); border-bottom: 1px solid var(--line); color: var(--dim); font-size: 12px; }
#grid .body .row { position: absolute; left: 0; right: 0; border-bottom: 1px solid color-mix(in srgb, var(--line) 45%, transparent); cursor: default; }
#grid .body .row:hover { background: var(--soft); }
#grid .body .row[aria-selected=true] { background: var(--mark); box-shadow: inset 3px 0 var(--focus); }
.name { display: flex; gap: 5px; align-items: baseline; min-width: 0; padding-left: calc(10px + var(--level, 0) * 15px); }
.head .name { padding-left: 14px; }
.turn { width: 13px; flex: none; color: var(--dim); cursor: pointer; text-align: center; }
.kind { color: var(--dim); flex: none; }
.title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 500; }
.s-failed .title, .s-rejected .title, .s-lost .title { font-weight: 650; }
.fold .title { color: var(--dim); font-weight: 450; }
.role { flex: none; font-size: 11px; line-height: 1.3; color: var(--dim); border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; align-self: center; }
.when, .took { text-align: right; padding-right: 12px; color: var(--dim); font-variant-numeric: tabular-nums; white-space: nowrap; overflow: hidden; }
.row .took { color: var(--ink); }
.head .took { color: inherit; }
.time { position: relative; height: 100%; margin-right: 18px; overflow: hidden;
  background: repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px var(--tick, 100%)); }
.head .time { background: none; font-variant-numeric: tabular-nums; overflow: visible; }
.tick { position: absolute; top: 7px; padding-left: 5px; border-left: 1px solid var(--line); white-space: nowrap; }
.bar { position: absolute; top: 8px; height: 12px; min-width: 3px; border-radius: 3px; background: var(--state); print-color-adjust: exact; }
.bar.open { background: repeating-linear-gradient(-45deg, var(--state) 0 4px, transparent 4px 8px); border: 1px solid var(--state); border-right: 0; border-radius: 3px 0 0 3px; }
.band { position: absolute; top: 13px; height: 2px; min-width: 3px; background: color-mix(in srgb, var(--state) 40%, transparent); }
.fold .bar { top: 10px; height: 8px; min-width: 2px; border-radius: 1px; opacity: .55; }
.note { position: absolute; top: 5px; max-width: 96%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 12px; color: var(--dim);
  padding: 0 4px; border-radius: 3px; background: color-mix(in srgb, var(--panel) 75%, transparent); }
.s-failed .note, .s-rejected .note, .s-lost .note, .s-cancelled .note { color: var(--state); }
.full .note { top: 2px; } .full .bar, .fold .full .bar { top: 21px; height: 4px; border-radius: 2px; } .full .band { top: 22px; }
[aria-selected=true] .note { background: color-mix(in srgb, var(--mark) 75%, transparent); }
#detail { grid-area: detail; overflow: auto; padding: 16px 18px 32px; background: var(--panel); border-left: 1px solid var(--line); }
#detail h2 { font-size: 15px; font-weight: 600; overflow-wrap: anywhere; max-height: 9em; overflow: auto; }
#detail h2 .kind { font-weight: 400; margin-right: 6px; }
#detail h3 { font-size: 12px; font-weight: 600; margin: 18px 0 6px; color: var(--dim); }
#detail .state { margin-top: 2px; color: var(--dim); overflow-wrap: anywhere; }
.error { margin-top: 10px; padding: 8px 10px; border-left: 3px solid var(--failed); background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 18em; overflow: auto; }
dl { margin-top: 12px; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 14px; }
dt { color: var(--dim); } dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
#detail ul { padding: 0; list-style: none; display: grid; gap: 6px; } #detail li { overflow-wrap: anywhere; }
.hint { margin-top: 10px; color: var(--dim); }
.change, small { color: var(--dim); font-size: 11px; }
code { user-select: all; overflow-wrap: anywhere; }
.copy { margin-left: 6px; padding: 0 5px; border: 1px solid var(--line); border-radius: 4px; background: none; font-size: 11px; color: var(--dim); cursor: pointer; }
.copy:hover { color: var(--ink); background: var(--soft); }
#foot { grid-area: foot; display: flex; gap: 4px 24px; justify-content: space-between; flex-wrap: wrap; padding: 7px 20px; font-size: 12px; color: var(--dim); background: var(--panel); border-top: 1px solid var(--line); }
#truth { display: flex; gap: 2px 16px; flex-wrap: wrap; max-height: 6em; overflow: auto; overflow-wrap: anywhere; }
.left { color: var(--cancelled); font-weight: 600; } .fault { color: var(--failed); }
kbd { font: 11px var(--mono); padding: 0 4px; border: 1px solid var(--line); border-radius: 3px; }
@media (max-width: 1080px) {
  #page, #page.single { grid-template: auto auto minmax(160px, 1fr) minmax(0, 34vh) auto / minmax(0, 1fr);
    grid-template-areas: "top" "list" "grid" "detail" "foot"; }
  #requests { border-right: 0; border-bottom: 1px solid var(--line); max-height: 22vh; min-height: 108px; }
  #detail { border-left: 0; border-top: 1px solid var(--line); }
  #keys { display: none; }
  #status { order: 2; min-width: 0; }
}
@media (prefers-reduced-motion: no-preference) { .row, .request, button { transition: background-color .08s; } }
@media (forced-colors: active) {
  .bar { background: CanvasText; forced-color-adjust: none; } .bar.open { background: none; border: 1px dashed CanvasText; }
  .band { background: GrayText; forced-color-adjust: none; }
  #grid .body .row[aria-selected=true], .request[aria-selected=true] { outline: 2px solid Highlight; outline-offset: -2px; }
}
@media print {
  :root { color-scheme: light; }
  html, body, #page { height: auto; background: none; }
  #page, #page.single { display: block; }
  #tools, #keys, .copy, #requests, .turn { display: none; }
  #top, #grid, #detail, #foot { border: 0; padding-left: 0; padding-right: 0; }
  #grid { overflow: visible; } .row { min-width: 0; break-inside: avoid; }
  .row.head { position: static; }
  #grid .body .row[aria-selected=true] { background: none; box-shadow: none; }
}
`;

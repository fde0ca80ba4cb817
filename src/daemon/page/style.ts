/** The page's style sheet. Every colour of text has a contrast of 4.5 at least against what it stands on. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --edge: #d9dde3; --text: #1b1f24; --faint: #57606a; --link: #0a58ca;
  --good: #116932; --good-ground: #dff5e5; --warn: #7a4d00; --warn-ground: #fff1cc;
  --bad: #b1121f; --bad-ground: #ffe3e3; --off: #57606a; --off-ground: #e9ecf0;
  --is-connected: #2da44e; --is-suspect: #b5830a; --is-disconnected: #d1242f; --is-stopped: #868f99; --is-absent: #57606a; --spark: #3b6fd4; --spark-faint: #a9bfe8; --button: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1318; --card: #171c23; --edge: #2d343d; --text: #e6eaef; --faint: #9aa5b1; --link: #7db3ff;
    --good: #6ddf8e; --good-ground: #12301c; --warn: #f0c255; --warn-ground: #362a0c;
    --bad: #ff938c; --bad-ground: #3f1618; --off: #9aa5b1; --off-ground: #252c35;
    --is-connected: #2f9e4f; --is-suspect: #c9971c; --is-disconnected: #e5484d; --is-stopped: #6b7580; --is-absent: #9aa5b1; --spark: #6ea3ff; --spark-faint: #3c5680; --button: #212830;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
#page { max-width: 62rem; margin: 0 auto; padding: 1rem; }
#page.list { max-width: 76rem; }
h1, h2, h3, p, dl, dd, figure, ul, li { margin: 0; padding: 0; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; margin-bottom: 1rem; }
h1 { font-size: 1.1rem; }
h1 a { color: inherit; }
h2 { font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
#apps { font-size: 1.2rem; margin-bottom: .7rem; }
h3 { font-size: .95rem; margin: 1.6rem 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
.faint, dt, th, figcaption, .legend, .ends { color: var(--faint); }
.faint a, footer a { color: inherit; }
p.faint, footer { font-size: .9rem; }
.wide + .faint, .legend + .faint { margin-top: .5rem; }
footer { margin-top: 2rem; padding-top: .7rem; border-top: 1px solid var(--edge); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: .5rem; top: .5rem; z-index: 2; background: var(--card); padding: .4rem .8rem; border-radius: 6px; }
.lost { position: sticky; top: 0; z-index: 1; padding: .7rem 1rem; text-align: center; background: var(--bad-ground); color: var(--bad); border-bottom: 2px solid var(--bad); }
.facts { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin-top: 1rem; }
.fact { background: var(--card); border: 1px solid var(--edge); border-left: 6px solid var(--off); border-radius: 8px; padding: .7rem .9rem; overflow-wrap: anywhere; }
.fact h3 { margin: 0; color: var(--faint); font-weight: 500; }
.claim { font-size: 1.5rem; font-weight: 650; line-height: 1.25; }
.fact.good { border-left-color: var(--is-connected); } .fact.good .claim { color: var(--good); }
.fact.warn { border-left-color: var(--is-suspect); } .fact.warn .claim { color: var(--warn); }
.fact.bad { border-left-color: var(--is-disconnected); } .fact.bad .claim { color: var(--bad); }
.fact.off .claim { color: var(--off); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1rem; }
nav li { background: var(--off-ground); border-radius: 99px; padding: .15rem .8rem; overflow-wrap: anywhere; }
nav li.off { background: var(--off-ground); color: var(--off); }
nav a { color: inherit; font-weight: 600; }
nav a[aria-current] { text-decoration-thickness: 3px; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0 1rem; }
input, button { font: inherit; color: inherit; background: var(--button); border: 1px solid var(--faint); border-radius: 6px; padding: .3rem .7rem; }
input { min-width: 0; flex: 0 1 18rem; }
button { cursor: pointer; }
button:hover { border-color: var(--link); color: var(--link); }
button:disabled { cursor: default; border-color: var(--edge); color: var(--faint); }
.panel { background: var(--card); border: 1px dashed var(--faint); border-radius: 8px; padding: .9rem; margin: 1.2rem 0; }
.panel h3 { margin-top: 0; }
.panel ul { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .8rem 1rem; margin: .8rem 0; }
.panel button { display: flex; gap: .6rem; justify-content: space-between; align-items: baseline; width: 100%; text-align: left; font-weight: 600; }
.panel small { color: var(--faint); font-weight: 400; }
.panel li p { font-size: .85rem; margin-top: .2rem; }
.panel [role=status] { font-weight: 600; }
.word { border-radius: 4px; padding: 0 .4rem; white-space: nowrap; }
li.good, .word.good { background: var(--good-ground); color: var(--good); }
li.warn, .word.warn { background: var(--warn-ground); color: var(--warn); }
li.bad, .word.bad, p.bad { background: var(--bad-ground); color: var(--bad); }
.word.off { background: var(--off-ground); color: var(--off); }
p.bad { padding: .7rem .9rem; border-radius: 8px; overflow-wrap: anywhere; }
.concerns { list-style: none; display: grid; gap: .5rem; }
.concerns li { padding: .5rem .9rem; border-radius: 8px; overflow-wrap: anywhere; }
.concerns a { color: inherit; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); background: var(--card); border: 1px solid var(--edge); border-radius: 8px; overflow: hidden; }
dl div { padding: .45rem .9rem; margin: 0 -1px -1px 0; border: solid var(--edge); border-width: 0 1px 1px 0; }
dt { font-size: .85rem; }
dd { overflow-wrap: anywhere; }
figure { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: .6rem .9rem; margin-bottom: .6rem; }
figcaption { margin-bottom: .35rem; }
.timeline { display: block; width: 100%; height: 1.75rem; border-radius: 4px; background: var(--off-ground); }
.spark { display: block; width: 100%; height: 3rem; }
.spark polyline { fill: none; stroke: var(--spark); stroke-width: 2; vector-effect: non-scaling-stroke; }
rect.was-handled { fill: var(--spark); } .key.was-handled { background: var(--spark); }
rect.was-duplicate { fill: var(--spark-faint); } .key.was-duplicate { background: var(--spark-faint); }
rect.was-failed { fill: var(--is-suspect); } .key.was-failed { background: var(--is-suspect); }
rect.was-dropped { fill: var(--is-stopped); } .key.was-dropped { background: var(--is-stopped); }
rect.was-dead { fill: var(--is-disconnected); } .key.was-dead { background: var(--is-disconnected); }
rect.was-nothing { fill: var(--edge); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .85rem; margin-top: .4rem; }
.legend li { white-space: nowrap; }
.ends { display: flex; justify-content: space-between; font-size: .85rem; margin-top: .2rem; }
.key { display: inline-block; width: .9rem; height: .9rem; border-radius: 3px; vertical-align: -.1rem; background: var(--off-ground); }
rect.is-connected { fill: var(--is-connected); } .key.is-connected { background: var(--is-connected); }
rect.is-suspect { fill: var(--is-suspect); } .key.is-suspect { background: var(--is-suspect); }
rect.is-disconnected { fill: var(--is-disconnected); } .key.is-disconnected { background: var(--is-disconnected); }
rect.is-absent { fill: var(--is-absent); } .key.is-absent { background: var(--is-absent); }
rect.is-start { fill: var(--text); } .key.is-start { background: var(--text); width: .2rem; }
rect.is-stopped { fill: var(--is-stopped); } .key.is-stopped { background: var(--is-stopped); }
.figures { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin-top: 1rem; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem; }
th { font-weight: 500; white-space: nowrap; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--faint); padding: .2rem 0; }
tr + tr, thead + tbody tr { border-top: 1px solid var(--edge); }
td:nth-child(-n+3), .apps td:nth-child(n+4):not(:last-child) { white-space: nowrap; }
.apps td:first-child, td.foreign { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
td.foreign span { display: block; }
td:last-child { overflow-wrap: anywhere; min-width: 12rem; }
/* Grey, and as easy to read as before: it is what was last known. */
[data-link=lost] #page { filter: grayscale(1); }
[data-link=lost] svg, [data-link=lost] .key { opacity: .55; }
[data-link=lost] .answered { display: none; }
/* Also a large screen at 200 %: a table that must be scrolled sideways hides what it is about. */
@media (max-width: 52rem) {
  table, tbody, tr { display: block; }
  thead { display: none; }
  tr { padding: .35rem .9rem; }
  td { display: inline-block; max-width: 100%; padding: 0 .75rem 0 0; }
  td:nth-child(-n+3) { white-space: normal; }
  td:last-child, .apps td:first-child, td.foreign { display: block; min-width: 0; }
  .apps td:first-child { font-weight: 600; }
  td::before { content: attr(data-is) ' '; color: var(--faint); }
  td:empty, .well td:last-child { display: none; }
}
@media (max-width: 40rem) {
  .apps td { padding-right: .4rem; }
  #page { padding: .75rem; }
  .facts, .figures { grid-template-columns: 1fr; gap: .5rem; }
  .figures { gap: 0; }
  dl { grid-template-columns: 1fr; }
  dl div { display: flex; gap: .75rem; }
  dt { flex: 0 0 6.5rem; }
  dd { min-width: 0; }
}
@media (forced-colors: active) { .key { forced-color-adjust: none; } }
@media print { .lost { position: static; } }
`;

/** What a text of many paragraphs wants beyond the style of the status page. */
export const RUNBOOK_STYLE = `
.runbook { max-width: 52rem; line-height: 1.55; overflow-wrap: anywhere; }
.runbook h2 { margin-bottom: 1rem; }
.runbook h3 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
.runbook p + p, .runbook pre, .runbook .wide, .runbook ol, .runbook ul { margin-top: .6rem; }
.runbook ul + p, .runbook ol + p { margin-top: .9rem; }
.runbook p + ul, .runbook p + ol { margin-top: .3rem; }
.runbook ol, .runbook ul { padding-left: 1.5rem; }
.runbook li + li { margin-top: .35rem; }
.runbook li::marker { color: var(--faint); }
.runbook code { background: var(--off-ground); border-radius: 4px; padding: .05em .3em; }
.runbook pre { margin-bottom: .6rem; padding: .7rem .9rem; overflow-x: auto; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; line-height: 1.45; }
.runbook pre code { padding: 0; background: none; overflow-wrap: normal; }
.runbook td, .runbook td:nth-child(-n+3) { white-space: normal; min-width: 8rem; }
:target { scroll-margin-top: 1rem; outline: 2px solid var(--link); outline-offset: 4px; border-radius: 2px; }
@media (max-width: 52rem) {
  .runbook tr { padding: .5rem .9rem; }
  .runbook td, .runbook td:last-child { display: block; min-width: 0; padding: .1rem 0; }
}
`;

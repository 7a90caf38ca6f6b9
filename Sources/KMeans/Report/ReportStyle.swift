/// The page's style: light or dark according to the reader's system, and readable on phones and on paper.
enum ReportStyle {
  static let css = """
    :root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --page: #ffffff; --line: #d8dee4;
      --bar: #2f6fba; --high: #d9730d; --low: #2f6fba; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa4af; --page: #14181d; --line: #30363d;
      --bar: #5b9cf0; --high: #e0883a; --low: #5b9cf0; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
    h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
    h3 { font-size: 1rem; margin: 1.25rem 0 0; font-weight: 600; overflow-wrap: anywhere; }
    h3 small { font-weight: 400; }
    p { margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
    small, .note, footer { color: var(--soft); }
    footer { margin-top: 2rem; font-size: .85rem; }
    .row { display: grid; grid-template-columns: 14rem 1fr 11rem; gap: .75rem;
      align-items: center; padding: .1rem 0; }
    .name { overflow-wrap: anywhere; }
    .value { text-align: right; font-variant-numeric: tabular-nums; }
    .traits { font-size: .9rem; }
    svg { display: block; }
    svg text { fill: var(--text); font: 13px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
    svg .head { font-weight: 600; }
    .bar { fill: var(--bar); }
    .high { fill: var(--high); }
    .low { fill: var(--low); }
    .axis { stroke: var(--soft); stroke-width: 1.5; }
    .curve { fill: none; stroke: var(--bar); stroke-width: 2; }
    .dot { fill: var(--bar); }
    .chosen { fill: var(--high); }
    .wide { overflow-x: auto; }
    @media (max-width: 40rem) { .row { grid-template-columns: 1fr auto; gap: 0 .75rem; padding: .3rem 0; }
      .row svg { grid-column: 1 / -1; grid-row: 2; } }
    @media print { article { break-inside: avoid; } }

    """
}

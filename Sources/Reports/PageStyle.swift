/// The style sheet of the pages.
enum PageStyle {
  static let text: Markup = """
    :root{color-scheme:light dark;--bg:light-dark(#f5f6f8,#0e1116);--surface:light-dark(#fff,#161b22);\
    --line:light-dark(#e3e6eb,#2a313b);--text:light-dark(#1a1d23,#e6eaf0);--muted:light-dark(#667080,#8d97a5);\
    --accent:light-dark(#2563eb,#5b9dff);\
    --heat:light-dark(#6b96f2,#35598f);--heat-good:light-dark(#7ccbaf,#1f6b4d);--heat-bad:light-dark(#ee8f98,#8f3d47);--train:light-dark(#9aa4b2,#6f7b8b);\
    --best:light-dark(#d97706,#f0b429);--good:light-dark(#0a7d54,#3fcf94);--bad:light-dark(#c92a3a,#ff6b76);\
    --c0:light-dark(#2563eb,#5b9dff);--c1:light-dark(#e8590c,#ff9457);--c2:light-dark(#0c9b73,#3fcf9f);\
    --c3:light-dark(#c2255c,#f778a6);--c4:light-dark(#7048e8,#a98bff);--c5:light-dark(#b7860b,#f2c744);\
    --c6:light-dark(#0b8aa0,#4cc9e0);--c7:light-dark(#5f6875,#aab4c2)}
    :root:has(#theme-light:checked){color-scheme:light}
    :root:has(#theme-dark:checked){color-scheme:dark}
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;scroll-padding-top:64px}
    body{margin:0;background:var(--bg);color:var(--text);\
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;\
    font-variant-numeric:tabular-nums}
    .bar{position:sticky;top:0;z-index:2;display:flex;align-items:center;gap:24px;padding:10px max(24px,calc(50vw - 590px));\
    background:color-mix(in srgb,var(--bg) 86%,transparent);backdrop-filter:blur(10px);border-bottom:1px solid var(--line)}
    .bar strong{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:24ch}
    nav{display:flex;gap:18px;flex:1;overflow-x:auto;font-size:14px}
    nav a{color:var(--muted);text-decoration:none;white-space:nowrap}
    nav a:hover{color:var(--text)}
    .theme{display:flex;border:1px solid var(--line);border-radius:8px;padding:2px;margin:0;background:var(--surface)}
    .theme legend,.theme input{position:absolute;opacity:0;pointer-events:none}
    .theme label{font-size:12px;padding:2px 9px;border-radius:6px;color:var(--muted);cursor:pointer}
    .theme input:checked+label{background:var(--line);color:var(--text)}
    .theme input:focus-visible+label{outline:2px solid var(--accent)}
    main{max-width:1228px;margin:0 auto;padding:28px 24px 8px}
    h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.02em;overflow-wrap:anywhere}
    h2{font-size:20px;margin:0 0 4px;letter-spacing:-.01em}
    h3{font-size:14px;margin:0 0 10px;font-weight:600}
    section{margin:44px 0 0}
    h2+.card,.note+.card{margin-top:14px}
    section>.card+.card{margin-top:16px}
    .sub,.note{color:var(--muted);margin:0}
    .note{margin-bottom:4px;max-width:80ch}
    .facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin:16px 0 0;padding:0}
    .facts div{display:flex;gap:8px;font-size:14px}
    .facts dt{color:var(--muted)}.facts dd{margin:0}
    .origin{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr);gap:5px 20px;margin:0;font-size:13.5px}
    .origin dt{color:var(--muted)}.origin dd{margin:0;overflow-wrap:anywhere}
    .grid{display:grid;gap:16px;margin-top:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,372px),1fr))}
    .cards{display:grid;gap:16px;margin-top:24px;grid-template-columns:repeat(auto-fit,minmax(min(172px,42vw),1fr))}
    .card{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
    .wide{grid-column:1/-1}
    .stat{display:flex;flex-direction:column}.stat .spark{margin-top:auto;padding-top:8px;height:42px}
    .stat .label{color:var(--muted);font-size:13px}
    .stat .value{font-size:28px;font-weight:650;letter-spacing:-.02em;line-height:1.25;white-space:nowrap}
    .stat .long{font-size:22px;line-height:35px}
    .stat .value small{font-size:14px;font-weight:500;color:var(--muted);letter-spacing:0;margin-left:5px}
    .stat .change{font-size:13px;color:var(--muted)}
    .up{color:var(--good)}.down{color:var(--bad)}
    .spark{display:block;width:100%;height:34px;margin-top:8px;overflow:visible}
    .spark path{fill:none;stroke:var(--accent);stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
    figcaption{display:flex;justify-content:space-between;gap:6px 14px;flex-wrap:wrap;font-size:14px;margin-bottom:8px}
    figcaption b{font-weight:600}
    .keys{display:flex;flex-wrap:wrap;gap:2px 14px;color:var(--muted);font-size:12.5px}
    .key{display:inline-flex;align-items:center;gap:6px;overflow-wrap:anywhere}
    .key i{width:14px;height:0;border-top:3px solid var(--c);border-radius:2px;flex:none}
    .key i.dash{border-top-style:dashed}
    .key i.mark{border-top:0;border-left:2px dashed var(--best);width:0;height:12px;margin:0 6px}
    svg{display:block;width:100%;height:auto}
    .chart svg{overflow:visible}
    .axis line{stroke:var(--line)}
    .axis text,.tip text{font-size:11.5px;fill:var(--muted)}
    .line{fill:none;stroke:var(--c);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
    .line.bold{stroke-width:2.4}
    .line.dash{stroke-dasharray:5 5}
    .best{stroke:var(--best);stroke-width:1.4;stroke-dasharray:3 4}
    .dot,.tip circle{fill:var(--c);stroke:var(--surface);stroke-width:1.5}
    .place rect{fill:transparent}
    .tip{opacity:0;pointer-events:none}
    .place:hover .tip{opacity:1}
    .tip line{stroke:var(--muted);stroke-width:1}
    .tip .box{fill:var(--surface);stroke:var(--line);filter:drop-shadow(0 3px 8px rgb(0 0 0/.18))}
    .tip text{fill:var(--text)}.tip .head{font-weight:600}
    .scroll{overflow-x:auto}
    table{border-collapse:separate;border-spacing:0;width:100%;font-size:13.5px}
    th{font-weight:500;color:var(--muted);text-align:right;padding:5px 8px;white-space:nowrap}
    td{text-align:right;padding:5px 8px;white-space:nowrap}
    th:first-child,td:first-child{text-align:left}
    .rows td,.rows th{border-bottom:1px solid var(--line)}
    .rows tr:last-child td{border-bottom:0}
    .rows tr.chosen td{background:color-mix(in srgb,var(--best) 13%,transparent)}
    .rows td.top{color:var(--good);font-weight:650}
    .heat{table-layout:fixed;border-spacing:3px}
    .heat th{padding:3px 0;font-size:12.5px;overflow:hidden;text-overflow:ellipsis;text-align:center}
    .heat th:first-child{text-align:right;padding-right:4px}
    .heat td,.heat td:first-child{text-align:center;border-radius:6px;padding:7px 2px;line-height:1.2}
    .heat td.cell{background:color-mix(in srgb,var(--c) calc(var(--p)*1%),var(--surface));\
    box-shadow:inset 0 0 0 1px color-mix(in srgb,var(--line) 70%,transparent)}
    .heat td small{display:block;font-size:11px}
    .dense{border-spacing:1px;font-size:10px}
    .dense th,.dense th:first-child{padding:0 2px;font-size:10px;line-height:14px}
    .dense tr:first-child th{writing-mode:vertical-rl;height:88px;padding:2px 0;text-align:left}
    .dense td,.dense td:first-child{padding:0;height:15px;border-radius:2px}
    .heat td.none{color:var(--muted)}
    h3 small{font-weight:400;color:var(--muted);margin-left:8px}
    .figures{columns:3 240px;column-gap:36px}
    .figures div{display:flex;justify-content:space-between;border-bottom:1px solid var(--line);padding:4px 0;font-size:13.5px;break-inside:avoid}
    .gap{color:var(--muted);font-size:13px;margin:10px 0 0}
    .gap b{color:var(--text);font-weight:600}
    .bars{display:grid;grid-template-columns:max-content 1fr max-content max-content;gap:5px 12px;align-items:center;font-size:13.5px}
    .bars .track{background:color-mix(in srgb,var(--line) 45%,transparent);border-radius:5px;height:16px}
    .bars .fill{display:block;height:100%;border-radius:5px;background:var(--accent);opacity:calc(.45 + .55*var(--p))}
    .bars .count,.bars .label{color:var(--muted)}.bars .count{text-align:right}
    .bars .num{text-align:right;font-weight:600}
    .pictures{display:grid;gap:14px;grid-template-columns:repeat(auto-fill,minmax(124px,1fr));margin-top:10px}
    .picture{margin:0;min-width:0;font-size:12px;line-height:1.35}
    .picture img{display:block;width:100%;height:auto;aspect-ratio:1;object-fit:contain;border-radius:8px;background:var(--line);image-rendering:auto;margin-bottom:6px}
    .picture .small{image-rendering:pixelated}
    .picture div{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    .picture .wrong{color:var(--bad)}
    .picture .name{color:var(--muted);font-size:11px}
    .picture s{text-decoration:none;color:var(--muted)}
    .findings{display:grid;gap:14px;grid-template-columns:repeat(auto-fill,minmax(124px,1fr))}
    .finding{display:grid;gap:6px;min-width:0;align-content:start}
    .pairs{grid-template-columns:repeat(auto-fill,minmax(min(100%,232px),1fr))}
    .pairs .finding{grid-template-columns:1fr 1fr}
    .finding .why{grid-column:1/-1;font-size:12px;overflow-wrap:anywhere}
    details{margin-top:16px}
    details.card>summary{margin:-16px -18px;padding:14px 18px}
    details.card[open]>summary{margin-bottom:12px;border-bottom:1px solid var(--line)}
    summary{cursor:pointer;font-weight:600;font-size:14px}
    pre{margin:0;overflow-x:auto;font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;tab-size:2}
    .warn{border-left:3px solid var(--best);padding:2px 0 2px 12px;margin:16px 0 0;color:var(--muted)}
    .swatch{display:inline-block;width:10px;height:10px;border-radius:3px;background:var(--c);margin-right:8px}
    footer{max-width:1228px;margin:48px auto 0;padding:16px 24px 36px;color:var(--muted);font-size:13px}
    @media (max-width:760px){.origin{grid-template-columns:minmax(0,1fr);gap:0}.origin dd{margin-bottom:8px}.bar{gap:12px;flex-wrap:wrap}nav{order:3;flex-basis:100%}h1{font-size:25px}}
    @media print{.bar{display:none}.card{break-inside:avoid}}
    """
}

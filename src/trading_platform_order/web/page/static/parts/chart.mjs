// Lines over time. The library is loaded when the first chart is drawn, not before the page is seen.
import { html } from "../vendor/htm-preact.mjs";
import { useEffect, useRef } from "../vendor/hooks.mjs";
import { lang } from "../words.mjs";

const HEIGHT = 220;
// The width of a time below the line; without room for it they touch, and the last one is cut off.
const CLOCK_PX = 56;
const ZONES = { ko: "Asia/Seoul" };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clock(seconds) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: ZONES[lang()] };
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date(seconds * 1000)).replace(/:00$/, "");
}

function styleLink() {
  if (document.getElementById("uplot-css")) return;
  const link = document.createElement("link");
  link.id = "uplot-css";
  link.rel = "stylesheet";
  link.href = "/page/static/vendor/uplot.css";
  document.head.append(link);
}

export const hasSecond = (points) => points.some((point) => point[3] !== null && point[3] !== undefined);

// `points`: [seconds, value, _, second value or null]; `level`: a line across; `marks`: [seconds, text, isEntry].
export function Chart({ label, points, level, marks = [] }) {
  const box = useRef(null);
  useEffect(() => {
    let plot = null;
    let ended = false;
    styleLink();
    import("../vendor/uplot.mjs").then(({ default: UPlot }) => {
      if (ended || !box.current) return;
      const width = () => Math.max(200, box.current.clientWidth);
      const axis = { stroke: colour("--ink"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
      const xs = points.map((point) => point[0]);
      const data = [xs, points.map((point) => Number(point[1]) * 100)];
      const series = [{}, { stroke: colour("--accent"), width: 2, points: { show: false } }];
      if (hasSecond(points)) {
        data.push(points.map((point) => (point[3] === null ? null : Number(point[3]) * 100)));
        series.push({ stroke: colour("--soft"), width: 2, points: { show: false } });
      }
      if (level !== null && level !== undefined) {
        data.push(xs.map(() => Number(level) * 100));
        series.push({ stroke: colour("--warn-ink"), dash: [6, 4], width: 1.5, points: { show: false } });
      }
      plot = new UPlot(
        {
          width: width(), height: HEIGHT, series, legend: { show: false },
          tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), ZONES[lang()] || Intl.DateTimeFormat().resolvedOptions().timeZone),
          padding: [null, CLOCK_PX / 2, null, null],
          axes: [{ ...axis, space: CLOCK_PX + 24, values: (_, ticks) => ticks.map(clock) },
            { ...axis, size: 72, values: (_, ticks) => ticks.map((tick) => tick.toFixed(3) + " %") }],
          hooks: { draw: [(drawn) => drawMarks(drawn, marks)] },
        },
        data, box.current,
      );
      const watcher = new ResizeObserver(() => box.current && plot.setSize({ width: width(), height: HEIGHT }));
      watcher.observe(box.current);
      plot.watcher = watcher;
    });
    return () => {
      ended = true;
      if (plot) {
        plot.watcher.disconnect();
        plot.destroy();
      }
    };
  }, [points, level, marks, lang(), document.documentElement.dataset.theme]);
  return html`<div class="chart" role="img" aria-label=${label} ref=${box}></div>`;
}

function drawMarks(plot, marks) {
  const [from, to] = [plot.scales.x.min, plot.scales.x.max];
  const context = plot.ctx;
  context.save();
  context.lineWidth = 2;
  context.setLineDash([]);
  for (const [at, isEntry] of marks) {
    if (at < from || at > to) continue;
    const x = plot.valToPos(at, "x", true);
    context.strokeStyle = colour(isEntry ? "--good-ink" : "--bad-ink");
    context.beginPath();
    context.moveTo(x, plot.bbox.top);
    context.lineTo(x, plot.bbox.top + plot.bbox.height);
    context.stroke();
  }
  context.restore();
}

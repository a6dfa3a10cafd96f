// The drawing of a timeline: stacked bars of writes and deletes, what cannot be restored, backups, the marker.
import type { Activity, Bin } from '../api/operations';
import { useWidth } from '../hooks/width';
import { countOf, timeText } from './format';

interface Span {
  from: number; // seconds since 1970
  until: number;
}

interface Props {
  activity: Activity | undefined;
  view: Span;
  window: Span;
  at: number;
  label: string; // of the marker
  pins: { at: number; label: string }[];
  local: boolean;
  onPick: (second: number) => void;
}

const HEIGHT = 132;
const TOP = 20; // for the marker's label
const BOTTOM = 20; // for the axis
const PLOT = HEIGHT - TOP - BOTTOM;
const LABEL_WIDTH = 96;
const TICK_WIDTH = 90;
const STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800];

export function binAt(activity: Activity, second: number): Bin | undefined {
  return activity.Bins.find((bin) => {
    const begin = Date.parse(bin.Begin) / 1000;
    return second >= begin && second < begin + activity.BinSeconds;
  });
}

// "14:30", a date at midnight, seconds where ticks are less than a minute apart.
function tickText(second: number, step: number, local: boolean): string {
  const text = timeText(new Date(second * 1000), local);
  if (step >= 86_400 || text.slice(11, 19) === '00:00:00') return text.slice(5, 10);
  return step < 60 ? text.slice(11, 19) : text.slice(11, 16);
}

function ticks(view: Span, width: number): { at: number; step: number }[] {
  const most = Math.max(1, width / TICK_WIDTH);
  const step = STEPS.find((one) => (view.until - view.from) / one <= most) ?? 604_800;
  const found = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.until; at += step) found.push({ at, step });
  return found;
}

function Bars({ activity, x }: { activity: Activity; x: (second: number) => number }) {
  const most = Math.max(1, ...activity.Bins.map((bin) => bin.Puts + bin.Deletes));
  const height = (count: number) => (count ? Math.max(2, (count / most) * PLOT) : 0);
  return activity.Bins.map((bin) => {
    const begin = Date.parse(bin.Begin) / 1000;
    const width = Math.max(2, x(begin + activity.BinSeconds) - x(begin) - 1);
    const writes = height(bin.Puts);
    const deletes = height(bin.Deletes);
    return (
      <g key={bin.Begin}>
        <title>{`${bin.Begin}: ${countOf(bin.Puts, 'write')}, ${countOf(bin.Deletes, 'delete')}`}</title>
        <rect className="timeline-writes" x={x(begin)} width={width} y={TOP + PLOT - writes} height={writes} />
        <rect
          className="timeline-deletes"
          x={x(begin)}
          width={width}
          y={TOP + PLOT - writes - deletes}
          height={deletes}
        />
      </g>
    );
  });
}

export function Picture({ activity, view, window, at, label, pins, local, onPick }: Props) {
  const [ref, width] = useWidth();
  const x = (second: number) => ((second - view.from) / (view.until - view.from)) * width;
  const inView = (second: number) => second >= view.from && second <= view.until;
  const before = Math.min(width, Math.max(0, x(window.from)));
  const turned = x(at) > width - LABEL_WIDTH;
  return (
    <div ref={ref}>
      <svg
        width={width}
        height={HEIGHT}
        aria-hidden="true"
        className="timeline-picture"
        onClick={(event) => {
          const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
          onPick(view.from + (left / width) * (view.until - view.from));
        }}
      >
        <rect className="timeline-ground" x={0} y={TOP} width={width} height={PLOT} />
        <rect className="timeline-outside" x={0} y={TOP} width={before} height={PLOT} />
        {activity && <Bars activity={activity} x={x} />}
        <line className="timeline-axis" x1={0} x2={width} y1={TOP + PLOT} y2={TOP + PLOT} />
        {ticks(view, width).map((tick) => (
          <text key={tick.at} className="timeline-tick" x={x(tick.at)} y={HEIGHT - 5} textAnchor="middle">
            {tickText(tick.at, tick.step, local)}
          </text>
        ))}
        {pins
          .filter((pin) => inView(pin.at))
          .map((pin) => (
            <g key={`${pin.at} ${pin.label}`}>
              <title>{`Backup ${pin.label}`}</title>
              <line className="timeline-pin" x1={x(pin.at)} x2={x(pin.at)} y1={TOP} y2={TOP + PLOT} />
              <circle className="timeline-pin-head" cx={x(pin.at)} cy={TOP} r={4} />
            </g>
          ))}
        {inView(at) && (
          <g>
            <line className="timeline-line" x1={x(at)} x2={x(at)} y1={4} y2={TOP + PLOT} />
            <text
              className="timeline-label"
              x={x(at) + (turned ? -6 : 6)}
              y={13}
              textAnchor={turned ? 'end' : 'start'}
            >
              {label}
            </text>
          </g>
        )}
      </svg>
    </div>
  );
}

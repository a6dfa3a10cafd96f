// What each day of a month has cost, as stacked bars, and as a table for who does not see them.
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { isKept } from '../api/costs';
import type { CostGroup } from '../api/operations';
import { useWidth } from '../hooks/width';
import { moneyText } from './money';
import './cost_chart.css';

const HEIGHT = 160;
const TOP = 18; // for the scale's label
const BOTTOM = 20; // for the days
const PLOT = HEIGHT - TOP - BOTTOM;
const TICK_WIDTH = 36;

const PARTS = [
  { id: 'recovery', label: 'Point-in-time recovery' },
  { id: 'backups', label: 'Backups' },
  { id: 'cold', label: 'Cold storage' },
  { id: 'once', label: 'Restores and copies' },
] as const;

type Part = (typeof PARTS)[number]['id'];
type Day = { day: number; all: number } & Record<Part, number>;

function partOf(kind: string): Part {
  if (kind === 'PITR') return 'recovery';
  if (kind === 'AWS_BACKUP_COLD') return 'cold';
  return isKept(kind) ? 'backups' : 'once';
}

// One of each day of the month, those to come too. `month`: "2026-11".
export function daysOf(month: string, groups: CostGroup[]): Day[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const days = Array.from({ length: count }, (_, at) => ({
    day: at + 1,
    all: 0,
    recovery: 0,
    backups: 0,
    cold: 0,
    once: 0,
  }));
  for (const group of groups) {
    const day = days[Number(group.Day?.slice(8)) - 1];
    if (!day || !group.Day?.startsWith(month)) continue;
    day[partOf(group.Kind ?? '')] += Number(group.Cost);
    day.all += Number(group.Cost);
  }
  return days;
}

function Bar({ day, month, x, width, scale }: { day: Day; month: string; x: number; width: number; scale: number }) {
  let top = TOP + PLOT;
  const rects = PARTS.filter(({ id }) => day[id] > 0).map(({ id }) => {
    const height = Math.max(1, day[id] * scale);
    top -= height;
    return <rect key={id} className={`costs-${id}`} x={x} width={width} y={top} height={height} />;
  });
  const told = PARTS.filter(({ id }) => day[id] > 0).map(({ id, label }) => `${label} ${moneyText(String(day[id]))}`);
  return (
    <g>
      <title>{`${month}-${String(day.day).padStart(2, '0')}: ${told.join(', ')}`}</title>
      {rects}
    </g>
  );
}

export function CostChart({ month, groups }: { month: string; groups: CostGroup[] }) {
  const [ref, width] = useWidth();
  const [open, setOpen] = useState(false);
  const days = daysOf(month, groups);
  const most = Math.max(...days.map((day) => day.all));
  const step = width / days.length;
  const every = Math.max(1, Math.ceil(TICK_WIDTH / step));
  const parts = PARTS.filter(({ id }) => days.some((day) => day[id] > 0));
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} aria-hidden="true" className="costs">
        <text className="costs-tick" x={0} y={12}>
          {most > 0 ? `${moneyText(String(most))} a day` : 'Nothing yet'}
        </text>
        {days.map((day, at) => (
          <Bar
            key={day.day}
            day={day}
            month={month}
            x={at * step + 1}
            width={Math.max(1, step - 2)}
            scale={most > 0 ? PLOT / most : 0}
          />
        ))}
        <line className="costs-axis" x1={0} x2={width} y1={TOP + PLOT} y2={TOP + PLOT} />
        {days
          .filter((_, at) => at % every === 0)
          .map(({ day }) => (
            <text key={day} className="costs-tick" x={(day - 0.5) * step} y={HEIGHT - 5} textAnchor="middle">
              {day}
            </text>
          ))}
      </svg>
      <div className="costs-legend" aria-hidden="true">
        {parts.map(({ id, label }) => (
          <span key={id} className={`costs-key costs-key-${id}`}>
            {label}
          </span>
        ))}
      </div>
      <ExpandableSection headerText="As a table" expanded={open} onChange={({ detail }) => setOpen(detail.expanded)}>
        {open && (
          <Table
            variant="embedded"
            items={days.filter((day) => day.all > 0)}
            trackBy={(day) => String(day.day)}
            ariaLabels={{ tableLabel: 'Costs by day' }}
            empty="No costs in this month."
            columnDefinitions={[
              {
                id: 'day',
                header: 'Day (UTC)',
                isRowHeader: true,
                cell: ({ day }) => `${month}-${String(day).padStart(2, '0')}`,
              },
              ...parts.map(({ id, label }) => ({
                id,
                header: label,
                cell: (day: Day) => moneyText(String(day[id])),
              })),
              { id: 'all', header: 'All', cell: (day) => moneyText(String(day.all)) },
            ]}
          />
        )}
      </ExpandableSection>
    </div>
  );
}

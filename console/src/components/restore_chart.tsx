// How long the restores of a testing plan took, against its objective: the oldest left. The list beside it tells the
// same in words.
import { type TestJob, tookSeconds } from '../api/testing';
import { tableNameOf } from '../api/vaults';
import { useWidth } from '../hooks/width';
import { timeText } from './format';
import './restore_chart.css';

const HEIGHT = 160;
const TOP = 18; // for the scale's label
const BOTTOM = 20; // for the days
const PLOT = HEIGHT - TOP - BOTTOM;
const BAR_MAX = 28;
const SHOWN_MAX = 60; // of the newest

// "0.05 s", "12 s", "3 min 20 s".
export function tookText(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function isBad(job: TestJob, objective: number | undefined): boolean {
  const took = tookSeconds(job) ?? 0;
  return job.ValidationStatus === 'FAILED' || (objective !== undefined && took > objective);
}

export function RestoreChart({ jobs, objective }: { jobs: TestJob[]; objective: number | undefined }) {
  const [ref, width] = useWidth();
  const done = jobs
    .filter((job) => tookSeconds(job) !== undefined)
    .slice(0, SHOWN_MAX)
    .toReversed();
  const most = Math.max(objective ?? 0, ...done.map((job) => tookSeconds(job) ?? 0));
  const heightOf = (seconds: number) => (most > 0 ? (seconds / most) * PLOT : 0);
  const step = Math.min(BAR_MAX, width / Math.max(1, done.length));
  const line = TOP + PLOT - heightOf(objective ?? 0);
  const day = (job: TestJob | undefined) => (job?.CreationDate ? timeText(job.CreationDate, false).slice(0, 10) : '');
  const last = done.length - 1;
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} aria-hidden="true" className="restores">
        <text className="restores-tick" x={0} y={12}>
          {objective === undefined
            ? `Longest: ${tookText(most)}; the plan has no objective`
            : `Objective: ${tookText(objective)}`}
        </text>
        {done.map((job, at) => {
          const height = Math.max(1, heightOf(tookSeconds(job) ?? 0));
          return (
            <rect
              key={job.RestoreJobId}
              className={isBad(job, objective) ? 'restores-bad' : 'restores-good'}
              x={at * step + 1}
              y={TOP + PLOT - height}
              width={Math.max(1, step - 2)}
              height={height}
            >
              <title>{`${tableNameOf(job.SourceResourceArn)}, ${day(job)}: ${tookText(tookSeconds(job) ?? 0)}`}</title>
            </rect>
          );
        })}
        {objective !== undefined && <line className="restores-objective" x1={0} x2={width} y1={line} y2={line} />}
        <line className="restores-axis" x1={0} x2={width} y1={TOP + PLOT} y2={TOP + PLOT} />
        <text className="restores-tick" x={0} y={HEIGHT - 5}>
          {day(done[0])}
        </text>
        {last * step > 160 && (
          <text className="restores-tick" x={done.length * step} y={HEIGHT - 5} textAnchor="end">
            {day(done[last])}
          </text>
        )}
      </svg>
    </div>
  );
}

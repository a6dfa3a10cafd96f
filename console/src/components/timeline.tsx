// A picture of what was done to a table as time passed, and a marker to choose an instant by, to the second.
// The marker is a range input, so that it works by keyboard and is read out; the picture is drawn beneath it.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type KeyboardEvent, useState } from 'react';
import { useApi } from '../api/clients';
import type { Activity } from '../api/operations';
import { useLoad } from '../hooks/load';
import { useSettings } from '../hooks/settings';
import { ErrorAlert } from './error_alert';
import { countOf, timeText } from './format';
import { ActivityTable } from './timeline_table';
import { Picture, binAt } from './timeline_picture';
import './timeline.css';

export interface Window {
  from: Date; // the earliest instant that can be restored
  until: Date;
}

export interface Pin {
  at: Date;
  label: string; // of a backup
}

interface Props {
  table: string;
  window: Window;
  value: Date;
  onChange: (at: Date) => void; // always within the window
  pins?: Pin[];
}

const SPANS: [string, string, number][] = [
  ['5m', '5 minutes', 300],
  ['1h', '1 hour', 3600],
  ['6h', '6 hours', 21_600],
  ['24h', '24 hours', 86_400],
  ['7d', '7 days', 604_800],
  ['35d', '35 days', 3_024_000],
];

const BARS = 160; // at most, in view
const BAR_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600];

const seconds = (time: Date) => time.getTime() / 1000;
const dateOf = (second: number) => new Date(second * 1000);

export function clampTo(window: Window, at: Date): Date {
  return new Date(Math.min(Math.max(at.getTime(), window.from.getTime()), window.until.getTime()));
}

// The smallest span that shows the whole window, or a day of a long one.
function firstSpan(window: Window): string {
  const length = seconds(window.until) - seconds(window.from);
  const found = SPANS.find(([, , span]) => length <= span || span === 86_400);
  return found?.[0] ?? '24h';
}

function Legend({ pins }: { pins: boolean }) {
  return (
    <div className="timeline-legend" aria-hidden="true">
      <span className="timeline-key timeline-key-writes">Writes</span>
      <span className="timeline-key timeline-key-deletes">Deletes</span>
      <span className="timeline-key timeline-key-outside">Cannot be restored</span>
      {pins && <span className="timeline-key timeline-key-pin">Backup</span>}
    </div>
  );
}

export function Timeline({ table, window, value, onChange, pins = [] }: Props) {
  const api = useApi();
  const { settings } = useSettings();
  const [spanId, setSpanId] = useState(() => firstSpan(window));
  const span = SPANS.find(([id]) => id === spanId)?.[2] ?? 86_400;
  // What is in view: a stretch of `span` seconds that ends no later than now.
  const [end, setEnd] = useState(() => Math.ceil(seconds(window.until)));
  const from = end - span;
  const first = Math.min(Math.max(from, Math.ceil(seconds(window.from))), Math.floor(seconds(window.until)));
  const last = Math.max(first, Math.min(end, Math.floor(seconds(window.until))));
  const at = seconds(value);

  const loaded = useLoad<Activity>(
    () =>
      api.tidemark('GetTableActivity', {
        TableName: table,
        From: clampTo(window, dateOf(first)).toISOString(),
        Until: clampTo(window, dateOf(last)).toISOString(),
        BinSeconds: BAR_SECONDS.find((width) => span / width <= BARS),
      }),
    [api, table, first, last],
  );

  const choose = (second: number) => onChange(clampTo(window, dateOf(second)));
  // Shows a stretch with `middle` in its middle, as far as there is time to show.
  const show = (id: string, middle: number) => {
    const length = SPANS.find(([one]) => one === id)?.[2] ?? span;
    setSpanId(id);
    setEnd(Math.min(Math.ceil(seconds(window.until)), Math.ceil(middle + length / 2)));
  };
  const move = (by: number) => setEnd((old) => Math.min(Math.ceil(seconds(window.until)), old + by));
  const chooseInView = (second: number) => {
    choose(second);
    const to = seconds(clampTo(window, dateOf(second)));
    if (to < from || to > end) show(spanId, to);
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number | undefined> = {
      ArrowLeft: event.shiftKey ? -60 : -1,
      ArrowDown: event.shiftKey ? -60 : -1,
      ArrowRight: event.shiftKey ? 60 : 1,
      ArrowUp: event.shiftKey ? 60 : 1,
      PageDown: -span / 10,
      PageUp: span / 10,
      Home: seconds(window.from) - at,
      End: seconds(window.until) - at,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const target = at + step;
    chooseInView(event.key === 'Home' || event.key === 'End' ? target : Math.floor(target));
  };

  const bin = loaded.value && binAt(loaded.value, at);
  const spoken = `${timeText(value, settings.localTime)}, ${
    bin
      ? `${countOf(bin.Puts, 'write')} and ${countOf(bin.Deletes, 'delete')} in this bar`
      : 'nothing written in this bar'
  }`;
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        <SegmentedControl
          label="Time shown"
          selectedId={spanId}
          options={SPANS.map(([id, text]) => ({ id, text: id, iconAlt: text }))}
          onChange={({ detail }) => show(detail.selectedId, at)}
        />
        <Button
          iconName="angle-left"
          ariaLabel="Earlier"
          disabled={from <= seconds(window.from)}
          onClick={() => move(-span / 2)}
        />
        <Button
          iconName="angle-right"
          ariaLabel="Later"
          disabled={end >= seconds(window.until)}
          onClick={() => move(span / 2)}
        />
      </SpaceBetween>
      <div className="timeline">
        <Picture
          activity={loaded.value}
          view={{ from, until: end }}
          window={{ from: seconds(window.from), until: seconds(window.until) }}
          at={at}
          label={timeText(value, settings.localTime).slice(11)}
          pins={pins.map((pin) => ({ at: seconds(pin.at), label: pin.label }))}
          local={settings.localTime}
          onPick={(second) => choose(Math.floor(second))}
        />
        <input
          type="range"
          className="timeline-marker"
          aria-label={`Instant of ${table} to go back to`}
          aria-valuetext={spoken}
          min={Math.floor(from)}
          max={Math.ceil(end)}
          step={1}
          value={Math.floor(Math.min(Math.max(at, from), end))}
          onChange={(event) => choose(Number(event.target.value))}
          onKeyDown={onKey}
        />
      </div>
      <Legend pins={pins.length > 0} />
      {loaded.value && loaded.value.Puts + loaded.value.Deletes === 0 && (
        <Box color="text-body-secondary">No writes in this period.</Box>
      )}
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {loaded.value && <ActivityTable activity={loaded.value} onPick={(second) => choose(second)} />}
    </SpaceBetween>
  );
}

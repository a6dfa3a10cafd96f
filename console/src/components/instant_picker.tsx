// Chooses an instant of a table's recovery window: by timeline, date and time fields, or "just before" a moment.
import Button from '@cloudscape-design/components/button';
import DateInput from '@cloudscape-design/components/date-input';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import { useEffect, useState } from 'react';
import { useSettings } from '../hooks/settings';
import { timeText } from './format';
import { Moments } from './moments';
import { type Pin, Timeline, type Window, clampTo } from './timeline';

interface Props {
  table: string;
  window: Window;
  value: Date;
  onChange: (at: Date) => void;
  pins?: Pin[];
}

interface FieldsProps extends Omit<Props, 'table' | 'pins'> {
  label?: string;
}

// The instant that a date (2026/11/22) and a time (05:58:00) name.
function instantOf(date: string, time: string, local: boolean): Date {
  return new Date(`${date.replace(/\//g, '-')}T${time}${local ? '' : 'Z'}`);
}

export function InstantFields({ window, value, onChange, label = 'Date and time' }: FieldsProps) {
  const { settings } = useSettings();
  const text = timeText(value, settings.localTime);
  const [date, setDate] = useState('');
  const [time, setTime] = useState('');
  const [note, setNote] = useState<string>();
  useEffect(() => {
    setDate(text.slice(0, 10).replace(/-/g, '/'));
    setTime(text.slice(11, 19));
  }, [text]);

  const change = (newDate: string, newTime: string) => {
    setDate(newDate);
    setTime(newTime);
    if (newDate.length < 10 || newTime.length < 8) return;
    const wanted = instantOf(newDate, newTime, settings.localTime);
    if (Number.isNaN(wanted.getTime())) return;
    const nearest = clampTo(window, wanted);
    const outside = nearest.getTime() !== wanted.getTime();
    setNote(
      outside ? `Outside the window; the nearest instant is ${timeText(nearest, settings.localTime)}.` : undefined,
    );
    onChange(nearest);
  };
  const jump = (at: Date) => {
    setNote(undefined);
    onChange(at);
  };
  const zone = settings.localTime ? 'local' : 'UTC';
  const shown = (time: Date) => timeText(time, settings.localTime);
  return (
    <FormField
      stretch
      label={`${label} (${zone})`}
      warningText={note}
      constraintText={`From ${shown(window.from)} to ${shown(window.until)}`}
    >
      <SpaceBetween direction="horizontal" size="xs">
        <DateInput
          ariaLabel={`Date (${zone})`}
          value={date}
          placeholder="YYYY/MM/DD"
          onChange={({ detail }) => change(detail.value.replace(/-/g, '/'), time)}
        />
        <TimeInput
          ariaLabel={`Time (${zone})`}
          value={time}
          format="hh:mm:ss"
          placeholder="hh:mm:ss"
          onChange={({ detail }) => change(date, detail.value)}
        />
        <Button formAction="none" onClick={() => jump(window.from)}>
          Earliest
        </Button>
        <Button formAction="none" onClick={() => jump(window.until)}>
          Latest
        </Button>
      </SpaceBetween>
    </FormField>
  );
}

export function InstantPicker({ table, window, value, onChange, pins }: Props) {
  return (
    <SpaceBetween size="m">
      <Timeline table={table} window={window} value={value} onChange={onChange} pins={pins} />
      <InstantFields window={window} value={value} onChange={onChange} />
      <Moments table={table} onChoose={(at) => onChange(clampTo(window, at))} />
    </SpaceBetween>
  );
}

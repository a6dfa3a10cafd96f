// The months in which a plan runs next, the days of runs marked with their times.
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSettings } from '../hooks/settings';
import './run_calendar.css';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

interface Day {
  year: number;
  month: number; // 0 to 11
  day: number; // 1 to 31
  clock: string; // "05:00"
}

function dayOf(time: Date, local: boolean): Day {
  const two = (n: number) => String(n).padStart(2, '0');
  return local
    ? {
        year: time.getFullYear(),
        month: time.getMonth(),
        day: time.getDate(),
        clock: `${two(time.getHours())}:${two(time.getMinutes())}`,
      }
    : {
        year: time.getUTCFullYear(),
        month: time.getUTCMonth(),
        day: time.getUTCDate(),
        clock: `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`,
      };
}

// Weeks of a month from Monday on; 0 stands for a day of another month.
export function weeksOf(year: number, month: number): number[][] {
  const before = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const cells = Array.from({ length: Math.ceil((before + days) / 7) * 7 }, (_, at) => {
    const day = at - before + 1;
    return day >= 1 && day <= days ? day : 0;
  });
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

function Month({ year, month, runs }: { year: number; month: number; runs: Day[] }) {
  const name = new Date(Date.UTC(year, month, 1)).toLocaleDateString('en-US', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const clocksOf = (day: number) => runs.filter((run) => run.day === day).map((run) => run.clock);
  return (
    <table className="calendar">
      <caption>{name}</caption>
      <thead>
        <tr>
          {WEEKDAYS.map((day) => (
            <th key={day} scope="col">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(year, month).map((week, at) => (
          <tr key={at}>
            {week.map((day, weekday) => {
              const clocks = day ? clocksOf(day) : [];
              return (
                <td key={weekday} className={clocks.length ? 'runs' : undefined}>
                  {day || ''}
                  {clocks.length > 0 && (
                    <small>
                      {clocks[0]}
                      {clocks.length > 1 && ` +${clocks.length - 1}`}
                    </small>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function RunCalendar({ runs }: { runs: Date[] }) {
  const { settings } = useSettings();
  const days = runs.map((run) => dayOf(run, settings.localTime));
  const months = new Map<string, Day[]>();
  for (const day of days) {
    const key = `${day.year}-${day.month}`;
    months.set(key, [...(months.get(key) ?? []), day]);
  }
  return (
    <SpaceBetween size="xs">
      <div className="calendars">
        {[...months.values()].map((inMonth) => {
          const { year, month } = inMonth[0] as Day;
          return <Month key={`${year}-${month}`} year={year} month={month} runs={inMonth} />;
        })}
      </div>
      <Box variant="small">
        The next {runs.length} runs, {settings.localTime ? 'local time' : 'UTC'}
      </Box>
    </SpaceBetween>
  );
}

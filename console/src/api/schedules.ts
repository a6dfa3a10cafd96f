// Schedules of plans: cron(minutes hours day-of-month month day-of-week year).
import cronstrue from 'cronstrue';
import type { BackupPlanInput, BackupRuleInput } from './plans';

export const DEFAULT_ZONE = 'Etc/UTC';
const DEFAULT_START_MINUTES = 480;
const DEFAULT_COMPLETION_MINUTES = 10_080;

export const SCHEDULES: [label: string, expression: string][] = [
  ['Hourly', 'cron(0 * ? * * *)'],
  ['Daily', 'cron(0 5 ? * * *)'],
  ['Weekly', 'cron(0 5 ? * SUN *)'],
  ['Monthly', 'cron(0 5 1 * ? *)'],
];

// "At 05:00, every day"; undefined: it is no schedule that can be put into words. The server is the judge of its form.
export function scheduleText(expression: string | undefined): string | undefined {
  const fields = /^cron\((.+)\)$/
    .exec(expression?.trim() ?? '')?.[1]
    ?.trim()
    .split(/\s+/);
  if (fields?.length !== 6) return undefined;
  try {
    // Without the year where it is any: words for it would only be in the way.
    const cron = fields[5] === '*' ? fields.slice(0, 5) : fields;
    const text = cronstrue.toString(cron.join(' '), { use24HourTimeFormat: true, dayOfWeekStartIndexZero: false });
    return /^At \d\d:\d\d$/.test(text) ? `${text}, every day` : text;
  } catch {
    return undefined;
  }
}

export function newRule(name: string, schedule: string, lifecycle?: BackupRuleInput['Lifecycle']): BackupRuleInput {
  return {
    RuleName: name,
    TargetBackupVaultName: '',
    ScheduleExpression: schedule,
    ScheduleExpressionTimezone: DEFAULT_ZONE,
    StartWindowMinutes: DEFAULT_START_MINUTES,
    CompletionWindowMinutes: DEFAULT_COMPLETION_MINUTES,
    ...(lifecycle ? { Lifecycle: lifecycle } : {}),
  };
}

const DAILY = 'cron(0 5 ? * * *)';
const WEEKLY = 'cron(0 5 ? * SUN *)';
const MONTHLY = 'cron(0 5 1 * ? *)';

export const TEMPLATES: [label: string, plan: BackupPlanInput][] = [
  ['Daily, kept for 30 days', { BackupPlanName: 'daily', Rules: [newRule('daily', DAILY, { DeleteAfterDays: 30 })] }],
  [
    'Daily, weekly and monthly',
    {
      BackupPlanName: 'daily-weekly-monthly',
      Rules: [
        newRule('daily', DAILY, { DeleteAfterDays: 7 }),
        newRule('weekly', WEEKLY.replace('5', '6'), { DeleteAfterDays: 35 }),
        newRule('monthly', MONTHLY.replace('5', '7'), { DeleteAfterDays: 365 }),
      ],
    },
  ],
  [
    'Monthly, kept for 7 years, in cold storage after 30 days',
    {
      BackupPlanName: 'monthly-7-years',
      Rules: [newRule('monthly', MONTHLY, { MoveToColdStorageAfterDays: 30, DeleteAfterDays: 2555 })],
    },
  ],
];

// How many days lie between two runs, about; undefined where they are not evenly apart, or less than a day.
export function daysBetween(expression: string | undefined): number | undefined {
  const fields = /^cron\((.+)\)$/.exec(expression?.trim() ?? '')?.[1];
  const [minutes = '', hours = '', day = '', month = '', weekday = ''] = fields?.trim().split(/\s+/) ?? [];
  const any = (field: string) => field === '*' || field === '?';
  if (!/^\d+$/.test(minutes) || !/^\d+$/.test(hours) || !any(month)) return undefined;
  if (any(day) && any(weekday)) return 1;
  if (any(day)) return /^(\d|[A-Z]{3})$/.test(weekday) ? 7 : undefined;
  return any(weekday) && /^(\d+|L)$/.test(day) ? 30 : undefined;
}

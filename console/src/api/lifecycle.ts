// How long recovery points are kept, as typed in forms and as AWS Backup has it.
import type { Lifecycle } from '@aws-sdk/client-backup';

const DAYS_MAX = 36_500;
const COLD_DAYS_MIN = 90; // what went to cold storage stays there for so long

// Days as typed; empty: never.
export interface Retention {
  cold: string;
  end: string;
}

export const FOR_EVER: Retention = { cold: '', end: '' };

export function retentionOf(lifecycle: Lifecycle | undefined): Retention {
  const text = (days: number | undefined) => (days === undefined || days < 0 ? '' : String(days));
  return { cold: text(lifecycle?.MoveToColdStorageAfterDays), end: text(lifecycle?.DeleteAfterDays) };
}

export function isDays(text: string, least = 1): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= DAYS_MAX;
}

export function retentionProblem({ cold, end }: Retention): { cold?: string; end?: string } {
  const days = (least: number) => `A whole number of days, ${least} to ${DAYS_MAX}, or nothing`;
  if (cold && !isDays(cold, 0)) return { cold: days(0) };
  if (end && !isDays(end)) return { end: days(1) };
  if (cold && end && Number(end) < Number(cold) + COLD_DAYS_MIN) {
    const least = Number(cold) + COLD_DAYS_MIN;
    return { end: `At least ${least}: what moves to cold storage stays there for ${COLD_DAYS_MIN} days` };
  }
  return {};
}

export function isRetention(retention: Retention): boolean {
  return Object.keys(retentionProblem(retention)).length === 0;
}

// undefined: kept for ever.
export function lifecycleOf({ cold, end }: Retention): Lifecycle | undefined {
  if (!cold && !end) return undefined;
  return {
    ...(cold ? { MoveToColdStorageAfterDays: Number(cold) } : {}),
    ...(end ? { DeleteAfterDays: Number(end) } : {}),
  };
}

function daysText(days: string): string {
  return days === '1' ? '1 day' : `${Number(days).toLocaleString('en-US')} days`;
}

// "30 days", "Until deleted", "2,555 days, in cold storage after 30".
export function retentionText(lifecycle: Lifecycle | undefined): string {
  const { cold, end } = retentionOf(lifecycle);
  const kept = end ? daysText(end) : 'Until deleted';
  return cold ? `${kept}, in cold storage after ${daysText(cold)}` : kept;
}

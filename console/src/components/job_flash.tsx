// An act under way, or how it ended, at the top of the page.
import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import Link from '@cloudscape-design/components/link';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { Job } from '../hooks/jobs';
import { durationText } from './format';

const TYPES = { Running: 'info', Completed: 'success', Failed: 'error' } as const;

export function jobFlash(job: Job, dismiss: (id: string) => void): FlashbarProps.MessageDefinition {
  const { state, percent, message } = job.progress;
  const took = job.ended ? ` after ${durationText((job.ended.getTime() - job.created.getTime()) / 1000)}` : '';
  return {
    id: job.id,
    type: TYPES[state],
    loading: state === 'Running',
    header: `${job.kind} job ${state}`,
    content: (
      <>
        {job.title}
        {took} -{' '}
        <Link color="inverted" href={job.href}>
          View
        </Link>
        {message && <div>{message}</div>}
        {state === 'Running' && percent !== undefined && (
          <ProgressBar variant="flash" value={percent} ariaLabel={job.title} />
        )}
      </>
    ),
    dismissible: true,
    dismissLabel: 'Dismiss',
    onDismiss: () => dismiss(job.id),
  };
}

// The state of a job of AWS Backup, and how far it is where that is known.
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Status } from './status';

export function JobState({ state, percent, of }: { state: string | undefined; percent?: number; of: string }) {
  return (
    <SpaceBetween size="xxs">
      <Status state={state} />
      {state === 'RUNNING' && percent !== undefined && <ProgressBar value={percent} ariaLabel={of} />}
    </SpaceBetween>
  );
}

// Brings items of the live table back: a dry run says what would be done, a typed word above 25 items starts it.
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { type Api, useApi } from '../api/clients';
import type { ItemRestore, WireItem } from '../api/operations';
import { ErrorAlert } from '../components/error_alert';
import { FormDialog } from '../components/form_dialog';
import { Time, countOf, countText } from '../components/format';
import { quoted } from '../api/request_texts';
import { ShowAsTidemark } from '../components/show_as';
import { useJobs } from '../hooks/jobs';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const ASK_ABOVE = 25; // items
const LOOK_MS = 200;

interface Props {
  table: string;
  at: Date | string; // a text is exact to the microsecond
  backup?: string; // ARN of the backup of that instant that they are brought back from
  until?: Date; // only what was done up to then is undone; else all up to now
  keys?: WireItem[]; // only these, of whatever kind; else all that was removed
  onClose: () => void;
  onDone: () => void; // the job has ended
}

export function restoredCount(job: ItemRestore): number {
  return job.Restored.REMOVED + job.Restored.CHANGED + job.Restored.ADDED;
}

async function ended(api: Api, job: ItemRestore): Promise<ItemRestore> {
  let latest = job;
  while (latest.Status === 'RUNNING') {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    latest = await api.tidemark('DescribeItemRestore', { JobId: job.JobId });
  }
  if (latest.Status === 'FAILED') throw new Error(latest.FailureReason);
  return latest;
}

export function BringBack({ table, at, backup, until, keys, onClose, onDone }: Props) {
  const api = useApi();
  const { follow } = useJobs();
  const [typed, setTyped] = useState('');
  const instant = typeof at === 'string' ? at : at.toISOString();
  const request = {
    TableName: table,
    ...(backup ? { BackupArn: backup } : { RestoreDateTime: instant }),
    Kinds: keys ? (['REMOVED', 'CHANGED', 'ADDED'] as const).slice() : (['REMOVED'] as const).slice(),
    ...(keys ? { Keys: keys } : {}),
    ...(until ? { Until: until.toISOString() } : {}),
  };
  const kinds = keys ? '--deleted --changed --added' : '--deleted';
  const chosen = (keys ?? []).map((key) => ` --key ${quoted(JSON.stringify(key))}`).join('');
  const from = backup ? `--from-backup ${backup}` : `--at ${instant}`;
  const range = `${from}${request.Until ? ` --until ${request.Until}` : ''}`;
  const command = `restore-items ${table} ${range} ${kinds}${chosen}`;
  const plan = useLoad(async () => ended(api, await api.tidemark('RestoreItems', { ...request, DryRun: true })), []);
  const count = plan.value ? restoredCount(plan.value) : 0;
  const start = async () => {
    // With the dry run's end, so that just what was shown is done.
    const job = await api.tidemark('RestoreItems', { ...request, Until: plan.value?.Until });
    follow({
      kind: 'Item restore',
      title: `${countOf(count, 'item')} of ${table}`,
      href: href(['jobs', job.JobId]),
      look: async () => {
        const now = await api.tidemark('DescribeItemRestore', { JobId: job.JobId });
        if (now.Status !== 'RUNNING') onDone();
        return {
          state: now.Status === 'RUNNING' ? 'Running' : now.Status === 'FAILED' ? 'Failed' : 'Completed',
          percent: now.ProgressPercent,
          message:
            now.FailureReason ??
            `${countText(restoredCount(now))} brought back, ${countText(now.Conflicts)} left alone.`,
        };
      },
    });
  };
  const ready = count > 0 && (count <= ASK_ABOVE || typed === 'restore');
  return (
    <FormDialog
      title={keys ? `Bring ${countOf(keys.length, 'item')} back` : 'Bring all removed items back'}
      action="Bring back"
      ready={ready}
      onSubmit={start}
      onClose={onClose}
    >
      <span>
        Into table {table}, as {backup ? 'the backup has it, of' : 'it was at'} <Time at={at} />.
      </span>
      {!plan.value && !plan.error && (
        <Box>
          <Spinner /> Trying what would be done
        </Box>
      )}
      {plan.value && (
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Put again', value: countText(plan.value.Restored.REMOVED) },
            { label: 'Changed back', value: countText(plan.value.Restored.CHANGED) },
            { label: 'Deleted', value: countText(plan.value.Restored.ADDED) },
            { label: 'Already so', value: countText(plan.value.AlreadySo) },
            { label: 'Left alone: changed since', value: countText(plan.value.Conflicts) },
            { label: 'Refused', value: countText(plan.value.Refused) },
          ]}
        />
      )}
      {count > ASK_ABOVE && (
        <FormField label="To confirm, type restore">
          <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder="restore" />
        </FormField>
      )}
      <ShowAsTidemark commands={[command]} />
      <ErrorAlert error={plan.error} />
    </FormDialog>
  );
}

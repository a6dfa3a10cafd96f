import { DescribeBackupCommand } from '@aws-sdk/client-dynamodb';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { DeleteBackups, Expires } from '../components/backup_table';
import { ContinueToVault } from '../components/continue_to_vault';
import { Copy } from '../components/copy';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time, countText, timeText } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { type Job, useJobs } from '../hooks/jobs';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { useSettings } from '../hooks/settings';

// "Created 10:00:00, Running, Completed 10:00:01": of a backup that was made in this tab.
function jobLine(job: Job, local: boolean): string {
  const clock = (time: Date) => timeText(time, local).slice(11, 19);
  const ended = job.ended ? `, ${job.progress.state} ${clock(job.ended)}` : '';
  return `Created ${clock(job.created)}, Running${ended}`;
}

export default function BackupDetails({ arn }: { arn: string }) {
  const api = useApi();
  const { settings } = useSettings();
  const [deleting, setDeleting] = useState(false);
  const loaded = useLoad(
    async () => (await api.dynamodb.send(new DescribeBackupCommand({ BackupArn: arn }))).BackupDescription,
    [api, arn],
    { busy: (backup) => backup?.BackupDetails?.BackupStatus === 'CREATING' },
  );
  const job = useJobs().jobs.find((one) => one.href === href(['backups', arn]));
  const backup = loaded.value?.BackupDetails;
  const source = loaded.value?.SourceTableDetails;
  const managed = backup?.BackupType === 'AWS_BACKUP';
  const features = loaded.value?.SourceTableFeatureDetails;
  return (
    <Page
      title={backup?.BackupName ?? 'Backup'}
      crumbs={[{ text: 'Backups', href: '#/backups' }]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={backup?.BackupType !== 'USER' && !managed} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button disabled={backup?.BackupStatus !== 'AVAILABLE'} onClick={() => go(href(['browse', arn]))}>
            Browse items
          </Button>
          <Button
            variant="primary"
            disabled={backup?.BackupStatus !== 'AVAILABLE'}
            onClick={() => go(href(['restore'], { backup: arn }))}
          >
            Restore
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {backup && source && (
        <Container header={<Header variant="h2">Details</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Status', value: <Status state={backup.BackupStatus} /> },
              ...(job ? [{ label: 'Job', value: jobLine(job, settings.localTime) }] : []),
              { label: 'Type', value: backup.BackupType },
              { label: 'Created', value: <Time at={backup.BackupCreationDateTime} /> },
              { label: 'Expires', value: <Expires backup={backup} /> },
              { label: 'Size', value: <Size bytes={backup.BackupSizeBytes} /> },
              {
                label: 'Source table',
                value: <Link href={href(['tables', source.TableName ?? ''])}>{source.TableName}</Link>,
              },
              { label: 'Items', value: countText(source.ItemCount ?? 0) },
              { label: 'Keys', value: source.KeySchema?.map((key) => key.AttributeName).join(', ') },
              {
                label: 'Global secondary indexes',
                value: features?.GlobalSecondaryIndexes?.map((index) => index.IndexName).join(', ') || 'None',
              },
              {
                label: 'Local secondary indexes',
                value: features?.LocalSecondaryIndexes?.map((index) => index.IndexName).join(', ') || 'None',
              },
              { label: 'Billing mode', value: source.BillingMode ?? '-' },
              { label: 'ARN', value: <Copy text={arn} what="ARN" /> },
            ]}
          />
        </Container>
      )}
      {deleting && backup && managed && (
        <ContinueToVault backup={{ ...backup, TableName: source?.TableName }} onClose={() => setDeleting(false)} />
      )}
      {deleting && backup && !managed && (
        <DeleteBackups
          backups={[{ ...backup, TableName: source?.TableName }]}
          onClose={() => setDeleting(false)}
          onDeleted={() => go('#/backups')}
        />
      )}
    </Page>
  );
}

// One table that AWS Backup has recovery points of, in whatever vault.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import { useApi } from '../api/clients';
import { describeResource, pointsOfResource, tableNameOf } from '../api/vaults';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time, countOf } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

export default function ProtectedResource({ arn }: { arn: string }) {
  const api = useApi();
  const name = tableNameOf(arn);
  const resource = useLoad(() => describeResource(api, arn), [api, arn]);
  const points = useLoad(() => pointsOfResource(api, arn), [api, arn], {
    busy: (all) => all.some((point) => point.Status === 'CREATING' || point.Status === 'DELETING'),
  });
  const minutes = resource.value?.LatestRestoreExecutionTimeMinutes;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Protected resources', href: '#/protected' }]}
      actions={
        <Button variant="primary" onClick={() => go(href(['vault-jobs', 'create'], { table: name }))}>
          Create on-demand backup
        </Button>
      }
    >
      <ErrorAlert error={resource.error} onRetry={resource.refresh} />
      {resource.value && (
        <Container>
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Table', value: <Link href={href(['tables', name])}>{name}</Link> },
              { label: 'Last backup', value: <Time at={resource.value.LastBackupTime} /> },
              {
                label: 'Last restore',
                value: resource.value.LatestRestoreJobCreationDate ? (
                  <>
                    <Time at={resource.value.LatestRestoreJobCreationDate} />
                    {minutes !== undefined && `, took ${countOf(minutes, 'minute')} at most`}
                  </>
                ) : (
                  'Never: a restore shows whether one works, and how long it takes'
                ),
              },
              { label: 'ARN', value: <Copy text={arn} what="ARN" /> },
            ]}
          />
        </Container>
      )}
      <DataTable
        title="Recovery points"
        noun="recovery point"
        loaded={points}
        items={points.value}
        id={(point) => point.RecoveryPointArn ?? ''}
        columns={[
          {
            id: 'id',
            header: 'Recovery point ID',
            minWidth: 180,
            isRowHeader: true,
            cell: (point) => (
              <Link href={href(['vaults', point.BackupVaultName ?? '', 'points', point.RecoveryPointArn ?? ''])}>
                <span className="breakable">{(point.RecoveryPointArn ?? '').replace(/^.*[/:]/, '')}</span>
              </Link>
            ),
          },
          { id: 'status', header: 'Status', cell: (point) => <Status state={point.Status} /> },
          {
            id: 'vault',
            header: 'Vault',
            sortingField: 'BackupVaultName',
            cell: (point) => (
              <Link href={href(['vaults', point.BackupVaultName ?? ''])}>{point.BackupVaultName}</Link>
            ),
          },
          {
            id: 'created',
            header: 'Created',
            sortingField: 'CreationDate',
            cell: (point) => <Time at={point.CreationDate} />,
          },
          { id: 'size', header: 'Size', cell: (point) => <Size bytes={point.BackupSizeBytes} /> },
        ]}
        empty="No recovery points."
      />
    </Page>
  );
}

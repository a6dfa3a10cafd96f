// One recovery point of a vault.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { retentionText } from '../api/lifecycle';
import { userName } from '../api/session';
import { type PointDetails, describePoint, describeVault, tableNameOf, tagsOf } from '../api/vaults';
import { Copy } from '../components/copy';
import { CopyPoint } from '../components/copy_point';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time } from '../components/format';
import { Page } from '../components/page';
import { DeletePoints, EditLifecycle } from '../components/point_acts';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

function Made({ point }: { point: PointDetails }) {
  const by = point.CreatedBy;
  if (!by?.BackupPlanId) return <>On demand</>;
  return (
    <>
      Plan <Link href={href(['plans', by.BackupPlanId])}>{by.BackupPlanName ?? by.BackupPlanId}</Link>
      {by.BackupRuleName && `, rule ${by.BackupRuleName}`}
    </>
  );
}

function Tags({ arn }: { arn: string }) {
  const api = useApi();
  const loaded = useLoad(() => tagsOf(api, arn), [api, arn]);
  if (loaded.error) return <>-</>;
  const pairs = Object.entries(loaded.value ?? {});
  return <>{pairs.map(([key, value]) => `${key} = ${value}`).join(', ') || 'None'}</>;
}

function Facts({ point, arn }: { point: PointDetails; arn: string }) {
  return (
    <Container header={<Header variant="h2">Details</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Status', value: <Status state={point.Status} /> },
          {
            label: 'Resource',
            value: <Link href={href(['protected', point.ResourceArn ?? ''])}>{tableNameOf(point.ResourceArn)}</Link>,
          },
          { label: 'Size', value: <Size bytes={point.BackupSizeInBytes} /> },
          { label: 'Storage class', value: point.StorageClass === 'COLD' ? 'Cold' : 'Warm' },
          { label: 'Created', value: <Time at={point.CreationDate} /> },
          { label: 'Made by', value: <Made point={point} /> },
          { label: 'Last restored', value: point.LastRestoreTime ? <Time at={point.LastRestoreTime} /> : 'Never' },
          { label: 'Kept', value: retentionText(point.Lifecycle) },
          {
            label: point.StorageClass === 'COLD' ? 'Due in cold storage at' : 'Moves to cold storage at',
            value: <Time at={point.CalculatedLifecycle?.MoveToColdStorageAt} />,
          },
          {
            label: 'Deleted at',
            value: point.CalculatedLifecycle?.DeleteAt ? <Time at={point.CalculatedLifecycle.DeleteAt} /> : 'Never',
          },
          ...(point.SourceBackupVaultArn
            ? [{ label: 'Copied from vault', value: <span className="breakable">{point.SourceBackupVaultArn}</span> }]
            : []),
          { label: 'Role', value: userName(point.IamRoleArn ?? '-') },
          { label: 'Tags', value: <Tags arn={arn} /> },
          { label: 'ARN', value: <Copy text={arn} what="ARN" /> },
          ...(point.StatusMessage ? [{ label: 'Message', value: point.StatusMessage }] : []),
        ]}
      />
    </Container>
  );
}

export default function RecoveryPoint({ vault, arn }: { vault: string; arn: string }) {
  const api = useApi();
  const [dialog, setDialog] = useState<'copy' | 'delete' | 'life' | null>(null);
  const loaded = useLoad(() => describePoint(api, vault, arn), [api, vault, arn], {
    busy: (point) => point.Status === 'CREATING' || point.Status === 'DELETING',
  });
  const held = useLoad(() => describeVault(api, vault), [api, vault]);
  const point = loaded.value;
  const still = point?.Status !== 'CREATING' && point?.Status !== 'DELETING';
  return (
    <Page
      title={point ? `Recovery point of ${tableNameOf(point.ResourceArn)}` : 'Recovery point'}
      crumbs={[
        { text: 'Vaults', href: '#/vaults' },
        { text: vault, href: href(['vaults', vault]) },
      ]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={point?.Status !== 'COMPLETED' || point.StorageClass === 'COLD'}
            disabledReason={point?.StorageClass === 'COLD' ? 'What is in cold storage cannot be copied' : undefined}
            onClick={() => setDialog('copy')}
          >
            Copy
          </Button>
          <Button
            disabled={point?.Status !== 'COMPLETED' || point.StorageClass === 'COLD'}
            disabledReason={
              point?.StorageClass === 'COLD'
                ? 'What is in cold storage is read as a whole only: restore it'
                : undefined
            }
            onClick={() => go(href(['browse', arn], { vault }))}
          >
            Browse items
          </Button>
          <Button disabled={!point || !still} onClick={() => setDialog('life')}>
            Edit lifecycle
          </Button>
          <Button disabled={!point || !still} onClick={() => setDialog('delete')}>
            Delete
          </Button>
          <Button
            variant="primary"
            disabled={point?.Status !== 'COMPLETED'}
            onClick={() => go(href(['vaults', vault, 'restore', arn]))}
          >
            Restore
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {point && <Facts point={point} arn={arn} />}
      {dialog === 'copy' && point && <CopyPoint vault={vault} point={point} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && point && (
        <DeletePoints
          vault={vault}
          points={[point]}
          locked={held.value?.Locked === true}
          onClose={() => setDialog(null)}
          onDone={() => go(href(['vaults', vault]))}
        />
      )}
      {dialog === 'life' && point && (
        <EditLifecycle
          vault={vault}
          point={point}
          locked={held.value?.Locked === true}
          onClose={() => setDialog(null)}
          onDone={loaded.refresh}
        />
      )}
    </Page>
  );
}

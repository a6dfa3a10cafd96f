// One legal hold, and what it holds.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type HeldPoint, type HoldDetails, describeHold, heldPoints, holdLines } from '../api/holds';
import { tableNameOf } from '../api/vaults';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { CancelHold } from './holds';

function Facts({ hold }: { hold: HoldDetails }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Status', value: <Status state={hold.Status} /> },
          {
            label: 'Holds',
            value: holdLines(hold).map((line) => (
              <div key={line} className="breakable">
                {line}
              </div>
            )),
          },
          { label: 'Description', value: hold.Description ?? '-' },
          { label: 'Created', value: <Time at={hold.CreationDate} /> },
          ...(hold.CancellationDate
            ? [
                { label: 'Cancelled', value: <Time at={hold.CancellationDate} /> },
                { label: 'Why', value: hold.CancelDescription ?? '-' },
              ]
            : []),
          { label: 'ARN', value: <Copy text={hold.LegalHoldArn ?? ''} what="ARN" /> },
        ]}
      />
    </Container>
  );
}

const arnOf = (point: HeldPoint) => point.RecoveryPointArn ?? '';

export default function Hold({ id }: { id: string }) {
  const api = useApi();
  const [cancelling, setCancelling] = useState(false);
  const loaded = useLoad(() => describeHold(api, id), [api, id]);
  const points = useLoad(() => heldPoints(api, id), [api, id]);
  const hold = loaded.value;
  return (
    <Page
      title={hold?.Title ?? 'Legal hold'}
      crumbs={[{ text: 'Legal holds', href: '#/legal-holds' }]}
      actions={
        <Button disabled={hold?.Status !== 'ACTIVE'} onClick={() => setCancelling(true)}>
          Cancel hold
        </Button>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {hold && <Facts hold={hold} />}
      <DataTable
        title="Recovery points that it names"
        noun="recovery point"
        loaded={points}
        items={points.value}
        id={arnOf}
        columns={[
          {
            id: 'arn',
            header: 'Recovery point',
            minWidth: 220,
            isRowHeader: true,
            cell: (point) => (
              <Link href={href(['vaults', point.BackupVaultName ?? '', 'points', arnOf(point)])}>
                <span className="breakable">{arnOf(point).slice(arnOf(point).lastIndexOf('/') + 1)}</span>
              </Link>
            ),
          },
          { id: 'table', header: 'Table', cell: (point) => tableNameOf(point.ResourceArn) },
          { id: 'vault', header: 'Vault', cell: (point) => point.BackupVaultName ?? '-' },
        ]}
        empty="Nothing yet. What is made later is held as well."
      />
      {cancelling && hold && (
        <CancelHold id={id} title={hold.Title ?? ''} onClose={() => setCancelling(false)} onDone={loaded.refresh} />
      )}
    </Page>
  );
}

// Point-in-time recovery of a table: what can be restored, and turning it on, off, longer or shorter.
import { type PointInTimeRecoveryDescription, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState } from 'react';
import { useApi } from '../api/clients';
import { Estimate } from '../components/estimate';
import { FormDialog } from '../components/form_dialog';
import { Time } from '../components/format';
import { Money } from '../components/money';
import { ShowAs } from '../components/show_as';
import { Status } from '../components/status';
import { go, href } from '../hooks/route';

const DAYS_MAX = 35;

interface Props {
  table: string;
  recovery: PointInTimeRecoveryDescription | undefined;
  onChanged: () => void;
}

function EditRecovery({ table, recovery, onClose, onChanged }: Props & { onClose: () => void }) {
  const api = useApi();
  const wasOn = recovery?.PointInTimeRecoveryStatus === 'ENABLED';
  const daysNow = recovery?.RecoveryPeriodInDays ?? DAYS_MAX;
  const [on, setOn] = useState(true);
  const [days, setDays] = useState(String(daysNow));
  const [typed, setTyped] = useState('');
  const valid = /^\d+$/.test(days) && Number(days) >= 1 && Number(days) <= DAYS_MAX;
  const turningOff = wasOn && !on;
  const input = {
    TableName: table,
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: on,
      ...(on && valid ? { RecoveryPeriodInDays: Number(days) } : {}),
    },
  };
  const save = async () => {
    await api.dynamodb.send(new UpdateContinuousBackupsCommand(input));
  };
  const ready = on ? valid : !wasOn || typed === 'disable';
  return (
    <FormDialog
      title="Edit point-in-time recovery"
      action="Save changes"
      ready={ready}
      onSubmit={save}
      onDone={onChanged}
      onClose={onClose}
    >
      <Toggle checked={on} onChange={({ detail }) => setOn(detail.checked)}>
        Point-in-time recovery
      </Toggle>
      {on && (
        <FormField
          label="Recovery period in days"
          constraintText={`1 to ${DAYS_MAX}`}
          errorText={valid ? undefined : `1 to ${DAYS_MAX}`}
        >
          <Input type="number" value={days} onChange={({ detail }) => setDays(detail.value)} />
        </FormField>
      )}
      <Estimate of={{ TableName: table }}>
        {({ PointInTimeRecovery }) => (
          <>
            <Money amount={PointInTimeRecovery.CostPerMonth} /> a month while it is on, however long the period
          </>
        )}
      </Estimate>
      {on && wasOn && valid && Number(days) < daysNow && (
        <Alert type="warning">History older than {days} days will be gone for good.</Alert>
      )}
      {turningOff && (
        <>
          <Alert type="warning">The whole history of {table} will be gone for good. Backups remain.</Alert>
          <FormField label="To confirm, type disable">
            <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder="disable" />
          </FormField>
        </>
      )}
      <ShowAs operation="UpdateContinuousBackups" input={input} />
    </FormDialog>
  );
}

export function RecoveryCard({ table, recovery, onChanged }: Props) {
  const [editing, setEditing] = useState(false);
  const on = recovery?.PointInTimeRecoveryStatus === 'ENABLED';
  // Latest moves on with every second; asking for it again is only worth while it is looked at.
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) onChanged();
    }, 10_000);
    return () => clearInterval(timer);
  }, [on, onChanged]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Any commit within the period can be restored into a new table, or looked at without a restore."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!recovery} onClick={() => setEditing(true)}>
                {on ? 'Edit' : 'Turn on'}
              </Button>
              <Button disabled={!on} onClick={() => go(href(['tables', table, 'past']))}>
                Time machine
              </Button>
              <Button disabled={!on} onClick={() => go(href(['restore'], { table }))}>
                Restore to point in time
              </Button>
            </SpaceBetween>
          }
        >
          Point-in-time recovery
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Status', value: <Status state={recovery?.PointInTimeRecoveryStatus} /> },
          { label: 'Recovery period', value: on ? `${recovery?.RecoveryPeriodInDays ?? DAYS_MAX} days` : '-' },
          { label: 'Earliest', value: <Time at={recovery?.EarliestRestorableDateTime} /> },
          { label: 'Latest', value: <Time at={recovery?.LatestRestorableDateTime} /> },
        ]}
      />
      {editing && (
        <EditRecovery table={table} recovery={recovery} onChanged={onChanged} onClose={() => setEditing(false)} />
      )}
    </Container>
  );
}

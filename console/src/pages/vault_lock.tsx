// The lock of a vault: while there is one, no recovery point of it can be deleted.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { isDays } from '../api/lifecycle';
import { type VaultDetails, lockVault, unlockVault } from '../api/vaults';
import { FormDialog } from '../components/form_dialog';
import { Time, timeText } from '../components/format';
import { isFinal, livesText } from '../components/lock_state';
import { ShowAs } from '../components/show_as';
import { TypedConfirm, TypedWord } from '../components/typed_confirm';

const CHANGEABLE_DAYS_MIN = 3;

interface Props {
  vault: VaultDetails;
  onChanged: () => void;
}

type Mode = 'governance' | 'compliance';

const textOf = (days: number | undefined) => (days === undefined ? '' : String(days));

function Days(props: {
  label: string;
  hint: string;
  least: number;
  value: string;
  onChange: (text: string) => void;
}) {
  const { label, hint, least, value, onChange } = props;
  const wrong = value !== '' && !isDays(value, least);
  return (
    <FormField
      label={label}
      constraintText={hint}
      errorText={wrong ? `A whole number of days, ${least} or more` : undefined}
    >
      <Input value={value} inputMode="numeric" onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}

function SetLock({ vault, onClose, onChanged }: Props & { onClose: () => void }) {
  const api = useApi();
  const name = vault.BackupVaultName ?? '';
  const [mode, setMode] = useState<Mode>(vault.LockDate ? 'compliance' : 'governance');
  const [min, setMin] = useState(textOf(vault.MinRetentionDays));
  const [max, setMax] = useState(textOf(vault.MaxRetentionDays));
  const [changeable, setChangeable] = useState(String(CHANGEABLE_DAYS_MIN));
  const [typed, setTyped] = useState('');
  const compliance = mode === 'compliance';
  const valid =
    (!min || isDays(min)) &&
    (!max || isDays(max)) &&
    (!min || !max || Number(min) <= Number(max)) &&
    (!compliance || isDays(changeable, CHANGEABLE_DAYS_MIN));
  const input = {
    BackupVaultName: name,
    ...(min ? { MinRetentionDays: Number(min) } : {}),
    ...(max ? { MaxRetentionDays: Number(max) } : {}),
    ...(compliance ? { ChangeableForDays: Number(changeable) } : {}),
  };
  const finalAt = new Date(Date.now() + Number(changeable) * 86_400_000);
  return (
    <FormDialog
      title={`Lock vault ${name}`}
      action="Set lock"
      ready={valid && (!compliance || typed === 'lock')}
      onSubmit={() => lockVault(api, input)}
      onDone={onChanged}
      onClose={onClose}
    >
      <RadioGroup
        ariaLabel="Mode of the lock"
        value={mode}
        onChange={({ detail }) => setMode(detail.value as Mode)}
        items={[
          {
            value: 'governance',
            label: 'Governance',
            description: 'Who has the permission can change the lock or take it away.',
          },
          {
            value: 'compliance',
            label: 'Compliance',
            description: 'After some days nobody can, root included.',
          },
        ]}
      />
      <ColumnLayout columns={2}>
        <Days label="Shortest life in days" hint="Empty: none" least={1} value={min} onChange={setMin} />
        <Days label="Longest life in days" hint="Empty: none" least={1} value={max} onChange={setMax} />
      </ColumnLayout>
      {min && max && Number(min) > Number(max) && (
        <Alert type="error">The shortest life is longer than the longest one.</Alert>
      )}
      {compliance && (
        <Days
          label="Days until it is final"
          hint={`${CHANGEABLE_DAYS_MIN} or more`}
          least={CHANGEABLE_DAYS_MIN}
          value={changeable}
          onChange={setChangeable}
        />
      )}
      <Alert type="warning">
        While {name} is locked nobody can delete its recovery points or shorten their lives, and jobs whose recovery
        points would live shorter or longer than this fail.
      </Alert>
      {compliance && valid && (
        <>
          <Alert type="warning">
            From {timeText(finalAt, false)} on nobody can change or take away this lock, root included. What is in the
            vault then stays, and takes up space, until its life ends; what has no end stays for ever. This cannot be
            undone.
          </Alert>
          <TypedWord word="lock" value={typed} onChange={setTyped} />
        </>
      )}
      <ShowAs service="backup" operation="PutBackupVaultLockConfiguration" input={input} />
    </FormDialog>
  );
}

function InWords({ vault }: { vault: VaultDetails }) {
  if (!vault.Locked)
    return <>Not locked: who has the permission can delete recovery points and shorten their lives.</>;
  const held = `No recovery point can be deleted, nor its life shortened. Jobs must give ${livesText(vault)}.`;
  if (!vault.LockDate) return <>{held} Governance: who has the permission can change the lock or take it away.</>;
  if (isFinal(vault)) {
    return (
      <>
        {held} Compliance: since <Time at={vault.LockDate} /> nobody can change the lock or take it away.
      </>
    );
  }
  return (
    <>
      {held} Compliance: until <Time at={vault.LockDate} /> the lock can be changed or taken away; from then on nobody
      can.
    </>
  );
}

export function VaultLock({ vault, onChanged }: Props) {
  const api = useApi();
  const name = vault.BackupVaultName ?? '';
  const [dialog, setDialog] = useState<'set' | 'remove' | null>(null);
  const final = isFinal(vault);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!vault.Locked || final} onClick={() => setDialog('remove')}>
                Remove lock
              </Button>
              <Button disabled={final} onClick={() => setDialog('set')}>
                {vault.Locked ? 'Change lock' : 'Set lock'}
              </Button>
            </SpaceBetween>
          }
        >
          Lock
        </Header>
      }
    >
      <InWords vault={vault} />
      {dialog === 'set' && <SetLock vault={vault} onChanged={onChanged} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && (
        <TypedConfirm
          title={`Remove the lock of ${name}?`}
          word="unlock"
          action="Remove lock"
          warning="From then on who has the permission can delete its recovery points."
          onConfirm={async () => {
            await unlockVault(api, name);
            onChanged();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </Container>
  );
}

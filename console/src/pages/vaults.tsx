// All vaults of AWS Backup.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { isDays } from '../api/lifecycle';
import { type Vault, createAirGappedVault, createVault, deleteVault, isAirGapped, listVaults } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { FormDialog } from '../components/form_dialog';
import { Time, countText } from '../components/format';
import { LockState } from '../components/lock_state';
import { Page } from '../components/page';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const NAME = /^[a-zA-Z0-9_-]{2,50}$/;

const AIR_GAPPED_DAYS_MIN = 7;

const nameOf = (vault: Vault) => vault.BackupVaultName ?? '';

function CreateVault({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [type, setType] = useState<'plain' | 'air-gapped'>('plain');
  const [min, setMin] = useState(String(AIR_GAPPED_DAYS_MIN));
  const [max, setMax] = useState('');
  const gapped = type === 'air-gapped';
  const input = { BackupVaultName: name, ...(key ? { EncryptionKeyArn: key } : {}) };
  const bounds = { MinRetentionDays: Number(min), MaxRetentionDays: Number(max) };
  const bounded = isDays(min, AIR_GAPPED_DAYS_MIN) && isDays(max, AIR_GAPPED_DAYS_MIN) && Number(min) <= Number(max);
  return (
    <FormDialog
      title="Create vault"
      action="Create vault"
      ready={NAME.test(name) && (!gapped || bounded)}
      onSubmit={() => (gapped ? createAirGappedVault(api, { ...input, ...bounds }) : createVault(api, input))}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField
        label="Vault name"
        constraintText="2 to 50 characters: letters, digits, _ -"
        errorText={name && !NAME.test(name) ? '2 to 50 characters: letters, digits, _ -' : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <RadioGroup
        ariaLabel="Type of the vault"
        value={type}
        onChange={({ detail }) => setType(detail.value as 'plain' | 'air-gapped')}
        items={[
          { value: 'plain', label: 'Backup vault', description: 'Backups are made in it; it can be locked.' },
          {
            value: 'air-gapped',
            label: 'Logically air-gapped vault',
            description: 'For copies alone. Locked for good from the start, under a key that belongs to no account.',
          },
        ]}
      />
      {gapped && (
        <>
          <ColumnLayout columns={2}>
            <FormField
              label="Shortest life in days"
              constraintText={`${AIR_GAPPED_DAYS_MIN} or more`}
              errorText={isDays(min, AIR_GAPPED_DAYS_MIN) ? undefined : `${AIR_GAPPED_DAYS_MIN} or more`}
            >
              <Input value={min} inputMode="numeric" onChange={({ detail }) => setMin(detail.value)} />
            </FormField>
            <FormField
              label="Longest life in days"
              constraintText="Not less than the shortest"
              errorText={max && !bounded ? 'A whole number of days, not less than the shortest' : undefined}
            >
              <Input value={max} inputMode="numeric" onChange={({ detail }) => setMax(detail.value)} />
            </FormField>
          </ColumnLayout>
          <Alert type="warning">
            Nobody can change these bounds or delete what is in the vault before its life ends, root included. This
            cannot be undone.
          </Alert>
        </>
      )}
      <FormField
        label="Key"
        constraintText={`The ARN of a KMS key; empty: ${gapped ? 'one of no account' : "AWS Backup's own"}`}
      >
        <Input value={key} onChange={({ detail }) => setKey(detail.value)} spellcheck={false} />
      </FormField>
      {gapped ? (
        <ShowAs
          service="backup"
          operation="CreateLogicallyAirGappedBackupVault"
          input={bounded ? { ...input, ...bounds } : input}
        />
      ) : (
        <ShowAs service="backup" operation="CreateBackupVault" input={input} />
      )}
    </FormDialog>
  );
}

export function DeleteVault({ name, onClose, onDone }: { name: string; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  return (
    <TypedConfirm
      title={`Delete vault ${name}?`}
      word="delete"
      action="Delete vault"
      warning="Only an empty vault can be deleted. Its access policy, lock and tags go with it; this cannot be undone."
      onConfirm={async () => {
        await deleteVault(api, name);
        onDone();
      }}
      onClose={onClose}
    />
  );
}

export default function Vaults() {
  const api = useApi();
  const loaded = useLoad(() => listVaults(api), [api]);
  const [selected, setSelected] = useState<Vault[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((vault) => nameOf(vault) === selected[0]?.BackupVaultName);
  return (
    <Page
      title="Vaults"
      crumbs={[]}
      description="AWS Backup keeps recovery points in vaults, with policies and locks of their own."
    >
      <DataTable
        title="Vaults"
        noun="vault"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create vault
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Vault name',
            sortingField: 'BackupVaultName',
            isRowHeader: true,
            cell: (vault) => <Link href={href(['vaults', nameOf(vault)])}>{nameOf(vault)}</Link>,
          },
          {
            id: 'points',
            header: 'Recovery points',
            sortingField: 'NumberOfRecoveryPoints',
            cell: (vault) => countText(vault.NumberOfRecoveryPoints ?? 0),
          },
          {
            id: 'type',
            header: 'Type',
            cell: (vault) => (isAirGapped(vault) ? 'Logically air-gapped' : 'Backup vault'),
          },
          { id: 'lock', header: 'Lock', minWidth: 160, cell: (vault) => <LockState vault={vault} /> },
          {
            id: 'created',
            header: 'Created',
            sortingField: 'CreationDate',
            cell: (vault) => <Time at={vault.CreationDate} />,
          },
          {
            id: 'key',
            header: 'Key',
            minWidth: 200,
            cell: (vault) => <span className="breakable">{vault.EncryptionKeyArn ?? 'Of no account'}</span>,
          },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No vaults</Box>
            <span>A vault keeps backups apart from those who may delete backups of tables.</span>
            <Button onClick={() => setDialog('create')}>Create vault</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <CreateVault onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <DeleteVault name={nameOf(one)} onClose={() => setDialog(null)} onDone={loaded.refresh} />
      )}
    </Page>
  );
}

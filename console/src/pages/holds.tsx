// Legal holds: what nobody can delete until they are cancelled.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type LegalHold, cancelHold, createHold, listHolds } from '../api/holds';
import { listVaults } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { Page } from '../components/page';
import { ShowAs } from '../components/show_as';
import { Status } from '../components/status';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const idOf = (hold: LegalHold) => hold.LegalHoldId ?? '';
const DATE = /^\d{4}-\d\d-\d\d$/;

function CreateHold({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const vaults = useLoad(() => listVaults(api), [api]);
  const [title, setTitle] = useState('');
  const [why, setWhy] = useState('');
  const [names, setNames] = useState<string[]>([]);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const ranged = DATE.test(from) && DATE.test(to) && from <= to;
  const input = {
    Title: title,
    Description: why,
    RecoveryPointSelection: {
      ...(names.length ? { VaultNames: names } : {}),
      ...(ranged
        ? { DateRange: { FromDate: new Date(`${from}T00:00:00Z`), ToDate: new Date(`${to}T23:59:59Z`) } }
        : {}),
    },
  };
  const dates = from === '' && to === '';
  const ready = title !== '' && why !== '' && (dates || ranged) && (ranged || names.length > 0);
  return (
    <FormDialog
      title="Create legal hold"
      action="Create legal hold"
      size="large"
      ready={ready}
      onSubmit={() => createHold(api, input)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField label="Title">
        <Input value={title} onChange={({ detail }) => setTitle(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <FormField label="Description">
        <Input value={why} onChange={({ detail }) => setWhy(detail.value)} />
      </FormField>
      <FormField label="Vaults" description="What is made there later is held too.">
        <Multiselect
          selectedOptions={names.map((name) => ({ value: name, label: name }))}
          options={(vaults.value ?? []).map(({ BackupVaultName: name = '' }) => ({ value: name, label: name }))}
          placeholder="All vaults"
          deselectAriaLabel={(option) => `Remove ${option.label}`}
          statusType={vaults.value ? 'finished' : 'loading'}
          empty="No vaults in this Region"
          onChange={({ detail }) => setNames(detail.selectedOptions.map((option) => option.value ?? ''))}
        />
      </FormField>
      <SpaceBetween direction="horizontal" size="m">
        <FormField label="Made from - optional" constraintText="YYYY-MM-DD, UTC">
          <Input value={from} onChange={({ detail }) => setFrom(detail.value)} spellcheck={false} />
        </FormField>
        <FormField label="Made to - optional" constraintText="YYYY-MM-DD, UTC, that day included">
          <Input value={to} onChange={({ detail }) => setTo(detail.value)} spellcheck={false} />
        </FormField>
      </SpaceBetween>
      <ShowAs service="backup" operation="CreateLegalHold" input={input} />
    </FormDialog>
  );
}

export function CancelHold(props: { id: string; title: string; onClose: () => void; onDone: () => void }) {
  const { id, title, onClose, onDone } = props;
  const api = useApi();
  const [why, setWhy] = useState('');
  return (
    <TypedConfirm
      title={`Cancel legal hold ${title}?`}
      word="cancel"
      action="Cancel legal hold"
      warning="What only it holds can be deleted again, and goes at once if its life is over."
      onConfirm={async () => {
        await cancelHold(api, id, why || 'cancelled in the console');
        onDone();
      }}
      onClose={onClose}
    >
      <FormField label="Why - optional">
        <Input value={why} onChange={({ detail }) => setWhy(detail.value)} />
      </FormField>
    </TypedConfirm>
  );
}

export default function Holds() {
  const api = useApi();
  const loaded = useLoad(() => listHolds(api), [api]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'cancel' | null>(null);
  const one = loaded.value?.find((hold) => idOf(hold) === chosen);
  return (
    <Page
      title="Legal holds"
      crumbs={[]}
      description="What is under a hold is deleted by nobody, and its life does not end, until the hold is cancelled."
    >
      <DataTable
        title="Legal holds"
        noun="legal hold"
        loaded={loaded}
        items={loaded.value}
        id={idOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([hold]) => setChosen(hold ? idOf(hold) : '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={one?.Status !== 'ACTIVE'} onClick={() => setDialog('cancel')}>
              Cancel hold
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create legal hold
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'title',
            header: 'Title',
            isRowHeader: true,
            cell: (hold) => <Link href={href(['legal-holds', idOf(hold)])}>{hold.Title}</Link>,
          },
          { id: 'status', header: 'Status', cell: (hold) => <Status state={hold.Status} /> },
          { id: 'why', header: 'Description', minWidth: 200, cell: (hold) => hold.Description ?? '-' },
          { id: 'created', header: 'Created', cell: (hold) => <Time at={hold.CreationDate} /> },
          { id: 'ended', header: 'Cancelled', cell: (hold) => <Time at={hold.CancellationDate} /> },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No legal holds</Box>
            <Button onClick={() => setDialog('create')}>Create legal hold</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <CreateHold onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'cancel' && one && (
        <CancelHold
          id={idOf(one)}
          title={one.Title ?? ''}
          onClose={() => setDialog(null)}
          onDone={() => {
            loaded.refresh();
            go('#/legal-holds');
          }}
        />
      )}
    </Page>
  );
}

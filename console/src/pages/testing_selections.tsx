// Of which tables a restore testing plan restores recovery points, and as which role.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { userName } from '../api/session';
import {
  type NewSelection,
  type TestingSelection,
  createTestingSelection,
  deleteTestingSelection,
  testingSelections,
} from '../api/testing';
import { DataTable } from '../components/data_table';
import { countOf } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { RoleField, isRole } from '../components/role_field';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';

const NAME = /^\w{1,50}$/;
const NAME_TEXT = '1 to 50 characters: letters, digits, _';

const nameOf = (one: TestingSelection) => one.RestoreTestingSelectionName ?? '';

// ARNs, from lines that are ARNs or names of tables.
function tableArns(lines: string, region: string, account: string): string[] {
  const names = lines.split('\n').map((line) => line.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`));
}

// What it names, a line each: "table/Users", "tag stage = production".
function linesOf(one: TestingSelection): string[] {
  const tags = (verb: string, tests: { Key?: string; Value?: string }[] | undefined) =>
    (tests ?? []).map((tag) => `tag ${tag.Key?.replace('aws:ResourceTag/', '')} ${verb} ${tag.Value}`);
  const conditions = one.ProtectedResourceConditions;
  return [
    ...(one.ProtectedResourceArns ?? []).map((arn) =>
      arn === '*' ? 'all tables' : arn.replace(/^arn:aws:dynamodb:[^:]*:[^:]*:/, ''),
    ),
    ...tags('=', conditions?.StringEquals),
    ...tags('is not', conditions?.StringNotEquals),
  ];
}

function AssignTables({ plan, onClose, onDone }: { plan: string; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const { region, account } = api.session;
  const [name, setName] = useState('');
  const [role, setRole] = useState('');
  const [kind, setKind] = useState<'all' | 'names'>('all');
  const [lines, setLines] = useState('');
  const [hours, setHours] = useState('0');
  const arns = kind === 'all' ? ['*'] : tableArns(lines, region, account);
  const selection: NewSelection = {
    RestoreTestingSelectionName: name,
    ProtectedResourceType: 'DynamoDB',
    IamRoleArn: role,
    ProtectedResourceArns: arns,
    ValidationWindowHours: Number(hours),
  };
  const ready = NAME.test(name) && isRole(role) && arns.length > 0 && Number(hours) >= 0 && Number(hours) <= 168;
  return (
    <FormDialog
      title="Assign tables"
      action="Assign tables"
      size="large"
      ready={ready}
      onSubmit={() => createTestingSelection(api, plan, selection)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField
        label="Selection name"
        constraintText={NAME_TEXT}
        errorText={name && !NAME.test(name) ? NAME_TEXT : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <RadioGroup
        ariaLabel="What is tested"
        value={kind}
        onChange={({ detail }) => setKind(detail.value as 'all' | 'names')}
        items={[
          { value: 'all', label: 'All tables that have recovery points' },
          { value: 'names', label: 'Tables by name or ARN' },
        ]}
      />
      {kind === 'names' && (
        <FormField label="Tables" constraintText="One name or ARN a line" stretch>
          <Textarea value={lines} rows={4} onChange={({ detail }) => setLines(detail.value)} spellcheck={false} />
        </FormField>
      )}
      <FormField
        label="Hours for checks of your own"
        constraintText="0 to 168; the table stays so long, and a result can be put (PutRestoreValidationResult)"
      >
        <Input value={hours} type="number" onChange={({ detail }) => setHours(detail.value)} />
      </FormField>
      <RoleField value={role} onChange={setRole} />
      <ShowAs
        service="backup"
        operation="CreateRestoreTestingSelection"
        input={{ RestoreTestingPlanName: plan, RestoreTestingSelection: selection }}
      />
    </FormDialog>
  );
}

export function TestingSelections({ plan }: { plan: string }) {
  const api = useApi();
  const loaded = useLoad(() => testingSelections(api, plan), [api, plan]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((selection) => nameOf(selection) === chosen);
  return (
    <>
      <DataTable
        title="Selections"
        noun="selection"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([selection]) => setChosen(selection ? nameOf(selection) : '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete selection
            </Button>
            <Button onClick={() => setDialog('create')}>Assign tables</Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: nameOf },
          {
            id: 'what',
            header: 'Tests',
            minWidth: 200,
            cell: (selection) =>
              linesOf(selection).map((line) => (
                <div key={line} className="breakable">
                  {line}
                </div>
              )),
          },
          {
            id: 'window',
            header: 'For own checks',
            cell: ({ ValidationWindowHours: hours }) => (hours ? countOf(hours, 'hour') : 'None'),
          },
          { id: 'role', header: 'Role', cell: (selection) => userName(selection.IamRoleArn ?? '') },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">Nothing is assigned</Box>
            <span>The plan runs, and tests nothing, until tables are assigned to it.</span>
            <Button onClick={() => setDialog('create')}>Assign tables</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <AssignTables plan={plan} onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete selection ${nameOf(one)}?`}
          word="delete"
          action="Delete selection"
          warning={`The plan no longer tests: ${linesOf(one).join('; ')}.`}
          onConfirm={async () => {
            await deleteTestingSelection(api, plan, nameOf(one));
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

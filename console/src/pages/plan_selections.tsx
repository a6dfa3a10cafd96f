// What a plan backs up: tables by name or by tag, and as which role.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useApi } from '../api/clients';
import {
  type BackupSelection,
  type Selection,
  createSelection,
  deleteSelection,
  selectionLines,
  selectionsOf,
} from '../api/plans';
import { userName } from '../api/session';
import { DataTable } from '../components/data_table';
import { FormDialog } from '../components/form_dialog';
import { RoleField, isRole } from '../components/role_field';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';

type Kind = 'all' | 'names' | 'tag';

const NAME = /^[a-zA-Z0-9._-]{1,50}$/;
const ALL_TABLES = 'arn:aws:dynamodb:*:*:table/*';

interface Props {
  plan: string;
  onClose: () => void;
  onDone: () => void;
}

// ARNs, from lines that are ARNs or names of tables; * stands for anything in both.
function arnsOf(lines: string, region: string, account: string): string[] {
  const names = lines.split('\n').map((line) => line.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`));
}

function AssignResources({ plan, onClose, onDone }: Props) {
  const api = useApi();
  const { region, account } = api.session;
  const [name, setName] = useState('');
  const [role, setRole] = useState('');
  const [kind, setKind] = useState<Kind>('tag');
  const [tag, setTag] = useState({ key: '', value: '' });
  const [lines, setLines] = useState('');
  const resources = kind === 'all' ? [ALL_TABLES] : kind === 'names' ? arnsOf(lines, region, account) : [];
  const selection: BackupSelection = {
    SelectionName: name,
    IamRoleArn: role,
    ...(kind === 'tag'
      ? { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: tag.key, ConditionValue: tag.value }] }
      : { Resources: resources }),
  };
  const ready = NAME.test(name) && isRole(role) && (kind === 'tag' ? tag.key !== '' : resources.length > 0);
  return (
    <FormDialog
      title="Assign resources"
      action="Assign resources"
      size="large"
      ready={ready}
      onSubmit={() => createSelection(api, plan, selection)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField
        label="Selection name"
        constraintText="1 to 50 characters: letters, digits, _ - ."
        errorText={name && !NAME.test(name) ? '1 to 50 characters: letters, digits, _ - .' : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <RadioGroup
        ariaLabel="What is backed up"
        value={kind}
        onChange={({ detail }) => setKind(detail.value as Kind)}
        items={[
          { value: 'tag', label: 'Tables with a tag', description: 'Whichever have it when the plan runs.' },
          { value: 'names', label: 'Tables by name or ARN' },
          { value: 'all', label: 'All tables', description: 'Those made later as well.' },
        ]}
      />
      {kind === 'tag' && (
        <ColumnLayout columns={2}>
          <FormField label="Tag key">
            <Input
              value={tag.key}
              onChange={({ detail }) => setTag({ ...tag, key: detail.value })}
              spellcheck={false}
            />
          </FormField>
          <FormField label="Tag value">
            <Input
              value={tag.value}
              onChange={({ detail }) => setTag({ ...tag, value: detail.value })}
              spellcheck={false}
            />
          </FormField>
        </ColumnLayout>
      )}
      {kind === 'names' && (
        <FormField
          label="Tables"
          constraintText="One name or ARN a line; * stands for anything: Users, Prod-*"
          stretch
        >
          <Textarea value={lines} rows={4} onChange={({ detail }) => setLines(detail.value)} spellcheck={false} />
        </FormField>
      )}
      <RoleField value={role} onChange={setRole} />
      <ShowAs
        service="backup"
        operation="CreateBackupSelection"
        input={{ BackupPlanId: plan, BackupSelection: selection }}
      />
    </FormDialog>
  );
}

export function PlanSelections({ plan }: { plan: string }) {
  const api = useApi();
  const loaded = useLoad(() => selectionsOf(api, plan), [api, plan]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find(({ id }) => id === chosen);
  return (
    <>
      <DataTable<Selection>
        title="Selections"
        noun="selection"
        loaded={loaded}
        items={loaded.value}
        id={({ id }) => id}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([selection]) => setChosen(selection?.id ?? '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete selection
            </Button>
            <Button onClick={() => setDialog('create')}>Assign resources</Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ({ selection }) => selection.SelectionName },
          {
            id: 'what',
            header: 'Backs up',
            minWidth: 220,
            cell: ({ selection }) =>
              selectionLines(selection).map((line) => (
                <div key={line} className="breakable">
                  {line}
                </div>
              )),
          },
          { id: 'role', header: 'Role', cell: ({ selection }) => userName(selection.IamRoleArn ?? '') },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">Nothing is assigned</Box>
            <span>The plan runs, and backs up nothing, until resources are assigned to it.</span>
            <Button onClick={() => setDialog('create')}>Assign resources</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <AssignResources plan={plan} onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete selection ${one.selection.SelectionName}?`}
          word="delete"
          action="Delete selection"
          warning={`The plan no longer backs up: ${selectionLines(one.selection).join('; ')}. Recovery points stay.`}
          onConfirm={async () => {
            await deleteSelection(api, plan, one.id);
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

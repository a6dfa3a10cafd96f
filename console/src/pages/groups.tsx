// Groups of users, whose policies hold for all members; and one of them.
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { userNames } from '../api/access';
import { useApi } from '../api/clients';
import {
  type GroupOverview,
  addToGroup,
  createGroup,
  deleteGroup,
  group,
  listGroups,
  removeFromGroup,
} from '../api/principals';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time, countText } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { Page } from '../components/page';
import { TypedConfirm } from '../components/typed_confirm';
import { useAct, useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { ChooseDialog } from './choose_dialog';
import { PrincipalPolicies } from './principal_policies';

function CreateGroup({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  return (
    <FormDialog
      title="Create group"
      action="Create group"
      ready={name !== ''}
      onSubmit={() => createGroup(api, name)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField label="Group name" constraintText="1 to 128 letters, digits and + = , . @ _ -">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
    </FormDialog>
  );
}

export function Groups() {
  const api = useApi();
  const loaded = useLoad(() => listGroups(api), [api]);
  const [selected, setSelected] = useState<GroupOverview[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((found) => found.name === selected[0]?.name);
  return (
    <>
      <DataTable
        title="Groups"
        noun="group"
        loaded={loaded}
        items={loaded.value}
        id={(found) => found.name}
        selection="single"
        selected={one ? [one] : []}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create group
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: ({ name }) => <Link href={href(['access', 'groups', name])}>{name}</Link>,
          },
          { id: 'members', header: 'Members', cell: ({ members }) => countText(members.length) },
          {
            id: 'policies',
            header: 'Policies',
            cell: ({ policies }) => policies.map((policy) => policy.name).join(', ') || 'None',
          },
          { id: 'created', header: 'Created', cell: ({ created }) => <Time at={created} /> },
        ]}
        empty="No groups. One for each job, such as backup operators, saves attaching policies user by user."
      />
      {dialog === 'create' && <CreateGroup onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete group ${one.name}?`}
          word="delete"
          action="Delete"
          warning="Its members keep only what their own policies and other groups allow."
          onConfirm={async () => {
            await deleteGroup(api, one);
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

export function Group({ name }: { name: string }) {
  const api = useApi();
  const loaded = useLoad(() => group(api, name), [api, name]);
  const [selected, setSelected] = useState<string[]>([]);
  const [adding, setAdding] = useState(false);
  const remove = useAct(async (user: string) => {
    await removeFromGroup(api, user, name);
    setSelected([]);
    loaded.refresh();
  });
  const one = selected[0];
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Access', href: href(['access', 'groups']) }]}
      description="A group: its policies hold for all members"
    >
      <PrincipalPolicies principal={{ kind: 'group', name }} />
      <ErrorAlert error={remove.error} />
      <DataTable
        title="Members"
        noun="member"
        loaded={loaded}
        items={loaded.value?.members}
        id={(user) => user}
        selection="single"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} loading={remove.running} onClick={() => one && void remove.run(one)}>
              Remove
            </Button>
            <Button onClick={() => setAdding(true)}>Add user</Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (user) => <Link href={href(['access', 'users', user])}>{user}</Link>,
          },
        ]}
        empty="Nobody yet."
      />
      {adding && (
        <ChooseDialog
          title={`Add a user to ${name}`}
          action="Add user"
          label="User"
          load={async () => (await userNames(api)).map((user) => ({ value: user, label: user }))}
          empty="There are no users yet: the tab Users makes them"
          onSubmit={(user) => addToGroup(api, user, name)}
          onDone={loaded.refresh}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}

// One user: policies, groups, access keys.
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { accessKeys, removeAccessKey, setAccessKeyActive } from '../api/access';
import { useApi } from '../api/clients';
import { addToGroup, deleteUser, groupNames, groupsOf, removeFromGroup } from '../api/principals';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { TypedConfirm } from '../components/typed_confirm';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { ChooseDialog } from './choose_dialog';
import { NewKey } from './new_key';
import { PrincipalPolicies } from './principal_policies';

function UserGroups({ user }: { user: string }) {
  const api = useApi();
  const loaded = useLoad(() => groupsOf(api, user), [api, user]);
  const [selected, setSelected] = useState<string[]>([]);
  const [adding, setAdding] = useState(false);
  const leave = useAct(async (group: string) => {
    await removeFromGroup(api, user, group);
    setSelected([]);
    loaded.refresh();
  });
  const one = selected[0];
  return (
    <>
      <ErrorAlert error={leave.error} />
      <DataTable
        title="Groups"
        noun="group"
        loaded={loaded}
        items={loaded.value}
        id={(name) => name}
        selection="single"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} loading={leave.running} onClick={() => one && void leave.run(one)}>
              Remove from group
            </Button>
            <Button onClick={() => setAdding(true)}>Add to group</Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (name) => <Link href={href(['access', 'groups', name])}>{name}</Link>,
          },
        ]}
        empty="In no group. The policies of a group hold for all its members."
      />
      {adding && (
        <ChooseDialog
          title={`Add ${user} to a group`}
          action="Add to group"
          label="Group"
          load={async () => (await groupNames(api)).map((name) => ({ value: name, label: name }))}
          empty="There are no groups yet: the tab Groups makes them"
          onSubmit={(group) => addToGroup(api, user, group)}
          onDone={loaded.refresh}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function UserKeys({ user }: { user: string }) {
  const api = useApi();
  const loaded = useLoad(() => accessKeys(api, user), [api, user]);
  const [selected, setSelected] = useState<string>();
  const [dialog, setDialog] = useState<'new' | 'delete' | null>(null);
  const one = loaded.value?.find((key) => key.id === selected);
  const turn = useAct(async (id: string, on: boolean) => {
    await setAccessKeyActive(api, user, id, on);
    loaded.refresh();
  });
  return (
    <>
      <ErrorAlert error={turn.error} />
      <DataTable
        title="Access keys"
        noun="access key"
        loaded={loaded}
        items={loaded.value}
        id={(key) => key.id}
        selection="single"
        selected={one ? [one] : []}
        onSelect={(keys) => setSelected(keys[0]?.id)}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} loading={turn.running} onClick={() => one && void turn.run(one.id, !one.active)}>
              {one && !one.active ? 'Activate' : 'Deactivate'}
            </Button>
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button onClick={() => setDialog('new')}>Create access key</Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'id', header: 'Access key ID', isRowHeader: true, cell: (key) => key.id },
          { id: 'state', header: 'Status', cell: (key) => <Status state={key.active ? 'ACTIVE' : 'INACTIVE'} /> },
          { id: 'created', header: 'Created', cell: (key) => <Time at={key.created} /> },
        ]}
        empty="None: the user cannot sign in."
      />
      {dialog === 'new' && <NewKey user={user} onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete access key ${one.id}?`}
          word="delete"
          action="Delete"
          warning="What uses it stops working at once."
          onConfirm={async () => {
            await removeAccessKey(api, user, one.id);
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

export function User({ name }: { name: string }) {
  const api = useApi();
  const [deleting, setDeleting] = useState(false);
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Access', href: href(['access', 'users']) }]}
      description="A user of this account"
      actions={<Button onClick={() => setDeleting(true)}>Delete user</Button>}
    >
      <PrincipalPolicies principal={{ kind: 'user', name }} />
      <UserGroups user={name} />
      <UserKeys user={name} />
      {deleting && (
        <TypedConfirm
          title={`Delete user ${name}?`}
          word="delete"
          action="Delete"
          warning="Its access keys stop working at once."
          onConfirm={async () => {
            await deleteUser(api, name);
            go(href(['access', 'users']));
          }}
          onClose={() => setDeleting(false)}
        />
      )}
    </Page>
  );
}

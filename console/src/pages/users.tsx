import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { type UserOverview, createUser, listUsers } from '../api/access';
import { useApi } from '../api/clients';
import { deleteUser } from '../api/principals';
import { DataTable } from '../components/data_table';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { NewKey } from './new_key';
import { AttachPolicy } from './principal_policies';

const nameOf = ({ user }: UserOverview) => user.UserName ?? '';

function CreateUser({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  return (
    <FormDialog
      title="Create user"
      action="Create user"
      ready={name !== ''}
      onSubmit={() => createUser(api, name)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField label="User name" constraintText="1 to 64 letters, digits and + = , . @ _ -">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
    </FormDialog>
  );
}

export function Users() {
  const api = useApi();
  const loaded = useLoad(() => listUsers(api), [api]);
  const [selected, setSelected] = useState<UserOverview[]>([]);
  const [dialog, setDialog] = useState<'create' | 'attach' | 'key' | 'delete' | null>(null);
  const one = loaded.value?.find((user) => nameOf(user) === (selected[0] && nameOf(selected[0])));
  const close = () => setDialog(null);
  return (
    <>
      <DataTable
        title="Users"
        noun="user"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('attach')}>
              Attach policy
            </Button>
            <Button disabled={!one} onClick={() => setDialog('key')}>
              Create access key
            </Button>
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create user
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (user) => <Link href={href(['access', 'users', nameOf(user)])}>{nameOf(user)}</Link>,
          },
          { id: 'arn', header: 'ARN', cell: ({ user }) => user.Arn },
          { id: 'policies', header: 'Attached policies', cell: ({ policies }) => policies.join(', ') || 'None' },
          { id: 'keys', header: 'Access keys', cell: ({ keys }) => keys.join(', ') || 'None' },
          { id: 'created', header: 'Created', cell: ({ user }) => <Time at={user.CreateDate} /> },
        ]}
        empty="No users. Make one for each person or program, rather than give root's key away."
      />
      {dialog === 'create' && <CreateUser onClose={close} onDone={loaded.refresh} />}
      {dialog === 'attach' && one && (
        <AttachPolicy principal={{ kind: 'user', name: nameOf(one) }} onClose={close} onDone={loaded.refresh} />
      )}
      {dialog === 'key' && one && <NewKey user={nameOf(one)} onClose={close} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete user ${nameOf(one)}?`}
          word="delete"
          action="Delete"
          warning="Its access keys stop working at once."
          onConfirm={async () => {
            await deleteUser(api, nameOf(one));
            loaded.refresh();
          }}
          onClose={close}
        />
      )}
    </>
  );
}

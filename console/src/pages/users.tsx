import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import {
  type UserOverview,
  attachPolicy,
  createAccessKey,
  createUser,
  deleteUser,
  listPolicies,
  listUsers,
} from '../api/access';
import { useApi } from '../api/clients';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { TypedConfirm } from '../components/typed_confirm';
import { useAct, useLoad } from '../hooks/load';

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

function AttachPolicy({ user, onClose, onDone }: { user: string; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const policies = useLoad(() => listPolicies(api, true), [api]);
  const [arn, setArn] = useState('');
  const options = (policies.value ?? []).map((policy) => ({ value: policy.Arn ?? '', label: policy.PolicyName }));
  return (
    <FormDialog
      title={`Attach a policy to ${user}`}
      action="Attach policy"
      ready={arn !== ''}
      onSubmit={() => attachPolicy(api, user, arn)}
      onDone={onDone}
      onClose={onClose}
    >
      <ErrorAlert error={policies.error} />
      <FormField label="Policy">
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === arn) ?? null}
          placeholder="Choose a policy"
          statusType={policies.value ? 'finished' : 'loading'}
          empty="There are no policies"
          onChange={({ detail }) => setArn(detail.selectedOption.value ?? '')}
        />
      </FormField>
    </FormDialog>
  );
}

function NewKey({ user, onClose, onDone }: { user: string; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [key, setKey] = useState<{ id: string; secret: string }>();
  const act = useAct(async () => {
    setKey(await createAccessKey(api, user));
    onDone();
  });
  return (
    <Modal
      visible
      header={`Access key of ${user}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          {key ? (
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          ) : (
            <Button variant="primary" loading={act.running} onClick={() => void act.run()}>
              Create access key
            </Button>
          )}
        </Box>
      }
    >
      <SpaceBetween size="s">
        {key ? (
          <>
            <Alert type="warning">The secret is shown this once.</Alert>
            <FormField label="Access key ID">
              <Copy text={key.id} what="access key id" />
            </FormField>
            <FormField label="Secret access key">
              <Copy text={key.secret} what="secret" />
            </FormField>
          </>
        ) : (
          <span>With it {user} can sign in here and use any AWS client, within what its policies allow.</span>
        )}
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
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
          { id: 'name', header: 'Name', isRowHeader: true, cell: nameOf },
          { id: 'arn', header: 'ARN', cell: ({ user }) => user.Arn },
          { id: 'policies', header: 'Attached policies', cell: ({ policies }) => policies.join(', ') || 'None' },
          { id: 'keys', header: 'Access keys', cell: ({ keys }) => keys.join(', ') || 'None' },
          { id: 'created', header: 'Created', cell: ({ user }) => <Time at={user.CreateDate} /> },
        ]}
        empty="No users. Make one for each person or program, rather than give root's key away."
      />
      {dialog === 'create' && <CreateUser onClose={close} onDone={loaded.refresh} />}
      {dialog === 'attach' && one && <AttachPolicy user={nameOf(one)} onClose={close} onDone={loaded.refresh} />}
      {dialog === 'key' && one && <NewKey user={nameOf(one)} onClose={close} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete user ${nameOf(one)}?`}
          word="delete"
          action="Delete"
          warning="Its access keys stop working at once."
          onConfirm={async () => {
            await deleteUser(api, one);
            loaded.refresh();
          }}
          onClose={close}
        />
      )}
    </>
  );
}

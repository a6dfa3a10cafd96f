// The role as which AWS Backup works: one that trusts it, or a new one.
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { useApi } from '../api/clients';
import { createServiceRole, serviceRoles, workPolicy } from '../api/service_roles';
import { userName } from '../api/session';
import { useLoad } from '../hooks/load';
import { FormDialog } from './form_dialog';

const NAME = /^[\w+=,.@-]{1,64}$/;

export function isRole(arn: string): boolean {
  return /^arn:aws:iam::\d{12}:role\/.+$/.test(arn);
}

function CreateRole({ onCreated, onClose }: { onCreated: (arn: string) => void; onClose: () => void }) {
  const api = useApi();
  const [name, setName] = useState('AWSBackupDefaultServiceRole');
  return (
    <FormDialog
      title="Create role for AWS Backup"
      action="Create role"
      ready={NAME.test(name)}
      onSubmit={async () => onCreated(await createServiceRole(api, name))}
      onClose={onClose}
    >
      <FormField label="Role name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <div>
        Only AWS Backup may assume it. It may make, copy, restore and, at the end of their lives, delete backups of
        all tables of this account:
      </div>
      <Box variant="pre">{JSON.stringify(workPolicy(api.session.account), null, 2)}</Box>
    </FormDialog>
  );
}

// `value` is an ARN; the only role there is, if it is empty.
export function RoleField({ value, onChange }: { value: string; onChange: (arn: string) => void }) {
  const api = useApi();
  const roles = useLoad(() => serviceRoles(api), [api]);
  const [creating, setCreating] = useState(false);
  const only = roles.value?.length === 1 ? roles.value[0] : undefined;
  useEffect(() => {
    if (only) onChange(only);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [only]);
  const created = (arn: string) => {
    onChange(arn);
    roles.refresh();
  };
  return (
    <>
      <FormField
        label="Role"
        description="AWS Backup works as this role: its policies must allow the work."
        constraintText={
          <SpaceBetween size="xxs">
            <span>The ARN of a role that trusts backup.amazonaws.com</span>
            {roles.value?.length === 0 && <span>There is none yet in this account.</span>}
            {!!roles.error && <span>You may not list roles: type the ARN.</span>}
          </SpaceBetween>
        }
        errorText={value && !isRole(value) ? 'This is not the ARN of a role' : undefined}
        secondaryControl={
          <Button formAction="none" onClick={() => setCreating(true)}>
            Create role
          </Button>
        }
      >
        <Autosuggest
          value={value}
          onChange={({ detail }) => onChange(detail.value)}
          options={(roles.value ?? []).map((arn) => ({ value: arn, label: arn, tags: [userName(arn)] }))}
          enteredTextLabel={(text) => `Use ${text}`}
          placeholder="arn:aws:iam::..."
          empty="No role trusts AWS Backup"
        />
      </FormField>
      {creating && <CreateRole onCreated={created} onClose={() => setCreating(false)} />}
    </>
  );
}

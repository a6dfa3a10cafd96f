// The policies on a user or a group: managed ones that are attached, and inline ones of its own.
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { listPolicies } from '../api/access';
import { type Api, useApi } from '../api/clients';
import {
  type AppliedPolicy,
  type Principal,
  appliedPolicies,
  attach,
  inlineDocument,
  putInline,
  removePolicy,
} from '../api/principals';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { FormDialog } from '../components/form_dialog';
import { PolicyText, isPolicy } from '../components/policy_text';
import { useAct, useLoad } from '../hooks/load';
import { ChooseDialog } from './choose_dialog';

async function policyOptions(api: Api) {
  return (await listPolicies(api, true)).map((one) => ({ value: one.Arn ?? '', label: one.PolicyName ?? '' }));
}

export function AttachPolicy(props: { principal: Principal; onClose: () => void; onDone: () => void }) {
  const { principal, onClose, onDone } = props;
  const api = useApi();
  return (
    <ChooseDialog
      title={`Attach a policy to ${principal.name}`}
      action="Attach policy"
      label="Policy"
      load={() => policyOptions(api)}
      empty="There are no policies"
      onSubmit={(arn) => attach(api, principal, arn)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

interface InlineProps {
  principal: Principal;
  policy?: string; // to edit; else a new one
  document: string;
  onClose: () => void;
  onDone: () => void;
}

function EditInline({ principal, policy, document, onClose, onDone }: InlineProps) {
  const api = useApi();
  const [name, setName] = useState(policy ?? '');
  const [text, setText] = useState(document);
  return (
    <FormDialog
      title={policy ? `Inline policy ${policy} of ${principal.name}` : `New inline policy of ${principal.name}`}
      action={policy ? 'Save changes' : 'Create inline policy'}
      size="large"
      ready={name !== '' && isPolicy(text)}
      onSubmit={() => putInline(api, principal, name, text)}
      onDone={onDone}
      onClose={onClose}
    >
      {!policy && (
        <FormField label="Policy name">
          <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
        </FormField>
      )}
      <PolicyText text={text} onChange={setText} />
    </FormDialog>
  );
}

export function PrincipalPolicies({ principal }: { principal: Principal }) {
  const api = useApi();
  const loaded = useLoad(() => appliedPolicies(api, principal), [api, principal.kind, principal.name]);
  const [selected, setSelected] = useState<AppliedPolicy[]>([]);
  const [dialog, setDialog] = useState<'attach' | 'new' | { policy: string; document: string } | null>(null);
  const id = (one: AppliedPolicy) => one.arn ?? one.name;
  const one = loaded.value?.find((policy) => selected[0] && id(policy) === id(selected[0]));
  const remove = useAct(async (policy: AppliedPolicy) => {
    await removePolicy(api, principal, policy);
    loaded.refresh();
  });
  const edit = useAct(async (policy: AppliedPolicy) => {
    setDialog({ policy: policy.name, document: await inlineDocument(api, principal, policy.name) });
  });
  const close = () => setDialog(null);
  return (
    <>
      <ErrorAlert error={remove.error ?? edit.error} />
      <DataTable
        title="Policies"
        noun="policy"
        loaded={loaded}
        items={loaded.value}
        id={id}
        selection="single"
        selected={one ? [one] : []}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one || !!one.arn} loading={edit.running} onClick={() => one && void edit.run(one)}>
              Edit
            </Button>
            <Button disabled={!one} loading={remove.running} onClick={() => one && void remove.run(one)}>
              {one && !one.arn ? 'Delete' : 'Detach'}
            </Button>
            <Button onClick={() => setDialog('new')}>Create inline policy</Button>
            <Button variant="primary" onClick={() => setDialog('attach')}>
              Attach policy
            </Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (policy) => policy.name },
          {
            id: 'kind',
            header: 'Kind',
            cell: (policy) => (policy.arn ? 'Managed' : `Inline: of this ${principal.kind} only`),
          },
        ]}
        empty={`Nothing is allowed by policies of this ${principal.kind}.`}
      />
      {dialog === 'attach' && <AttachPolicy principal={principal} onClose={close} onDone={loaded.refresh} />}
      {dialog !== null && dialog !== 'attach' && (
        <EditInline
          principal={principal}
          {...(dialog === 'new' ? { document: '' } : dialog)}
          onClose={close}
          onDone={loaded.refresh}
        />
      )}
    </>
  );
}

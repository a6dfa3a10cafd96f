import type { Policy } from '@aws-sdk/client-iam';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { createPolicy, deletePolicy, listPolicies, policyDocument } from '../api/access';
import { useApi } from '../api/clients';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time, countText } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { PolicyText, isPolicy } from '../components/policy_text';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';

function CreatePolicy({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  return (
    <FormDialog
      title="Create policy"
      action="Create policy"
      size="large"
      ready={name !== '' && isPolicy(text)}
      onSubmit={() => createPolicy(api, name, text)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField label="Policy name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <PolicyText text={text} onChange={setText} />
    </FormDialog>
  );
}

function Document({ policy }: { policy: Policy }) {
  const api = useApi();
  const loaded = useLoad(() => policyDocument(api, policy), [api, policy.Arn, policy.DefaultVersionId]);
  if (loaded.error) return <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />;
  return loaded.value === undefined ? <Spinner /> : <Box variant="pre">{loaded.value}</Box>;
}

function LazyDocument({ policy }: { policy: Policy }) {
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection
      headerText="Show"
      headingTagOverride="h3"
      headerAriaLabel={`Show the document of ${policy.PolicyName}`}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <Document policy={policy} />}
    </ExpandableSection>
  );
}

export function Policies() {
  const api = useApi();
  const loaded = useLoad(() => listPolicies(api), [api]);
  const [selected, setSelected] = useState<Policy[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((policy) => policy.Arn === selected[0]?.Arn);
  return (
    <>
      <DataTable
        title="Policies"
        noun="policy"
        loaded={loaded}
        items={loaded.value}
        id={(policy) => policy.Arn ?? ''}
        selection="single"
        selected={one ? [one] : []}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create policy
            </Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (policy) => policy.PolicyName },
          { id: 'used', header: 'Attached to', cell: (policy) => countText(policy.AttachmentCount ?? 0) },
          { id: 'created', header: 'Created', cell: (policy) => <Time at={policy.CreateDate} /> },
          { id: 'document', header: 'Document', cell: (policy) => <LazyDocument policy={policy} /> },
        ]}
        empty="No policies of this account. Those that come with the server can be attached to users all the same."
      />
      {dialog === 'create' && <CreatePolicy onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete policy ${one.PolicyName}?`}
          word="delete"
          action="Delete"
          warning="It has to be detached from all users and groups first."
          onConfirm={async () => {
            await deletePolicy(api, one);
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

// The access policy of a vault: who may do what with it and its recovery points, root included.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { deniesToAll, policyInWords } from '../api/policy_words';
import { deleteVaultPolicy, putVaultPolicy, vaultPolicy } from '../api/vaults';
import { ErrorAlert } from '../components/error_alert';
import { FormDialog } from '../components/form_dialog';
import { PolicyText, isPolicy } from '../components/policy_text';
import { TypedConfirm, TypedWord } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';

const PUT = 'backup:PutBackupVaultAccessPolicy';
const DELETE = 'backup:DeleteBackupVaultAccessPolicy';
const NOBODY_DELETES = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 'backup:DeleteRecoveryPoint', Resource: '*' }],
};

const pretty = (document: unknown) => JSON.stringify(document, null, 2);

function EditPolicy({
  name,
  now,
  onClose,
  onDone,
}: {
  name: string;
  now: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const api = useApi();
  const [text, setText] = useState(now);
  const [typed, setTyped] = useState('');
  const final = deniesToAll(text, [PUT, DELETE]);
  return (
    <FormDialog
      title={`Access policy of ${name}`}
      action="Save policy"
      size="large"
      ready={isPolicy(text) && (!final || typed === 'final')}
      onSubmit={() => putVaultPolicy(api, name, text)}
      onDone={onDone}
      onClose={onClose}
    >
      <Button formAction="none" onClick={() => setText(pretty(NOBODY_DELETES))}>
        Template: nobody deletes recovery points
      </Button>
      <PolicyText text={text} onChange={setText} />
      {final && (
        <>
          <Alert type="warning">
            This denies everybody, root included, to put another policy and to delete this one: it can never be
            changed or taken away again. This cannot be undone.
          </Alert>
          <TypedWord word="final" value={typed} onChange={setTyped} />
        </>
      )}
    </FormDialog>
  );
}

function Shown({ policy }: { policy: string }) {
  const { lines, problem } = policyInWords(policy);
  return (
    <SpaceBetween size="m">
      {!problem && (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Box variant="pre">{problem ? policy : pretty(JSON.parse(policy))}</Box>
    </SpaceBetween>
  );
}

export function VaultPolicy({ name }: { name: string }) {
  const api = useApi();
  const loaded = useLoad(() => vaultPolicy(api, name), [api, name]);
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const policy = loaded.value ?? '';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Beside the policies of users. What it denies to everybody is denied to root as well."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!policy} onClick={() => setDialog('delete')}>
                Delete policy
              </Button>
              <Button disabled={loaded.value === undefined} onClick={() => setDialog('edit')}>
                Edit policy
              </Button>
            </SpaceBetween>
          }
        >
          Access policy
        </Header>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {loaded.value === undefined && loaded.loading && <Spinner />}
      {loaded.value === '' && 'This vault has no access policy: the policies of users alone say who may use it.'}
      {policy && <Shown policy={policy} />}
      {dialog === 'edit' && (
        <EditPolicy
          name={name}
          now={policy && !policyInWords(policy).problem ? pretty(JSON.parse(policy)) : policy}
          onClose={() => setDialog(null)}
          onDone={loaded.refresh}
        />
      )}
      {dialog === 'delete' && (
        <TypedConfirm
          title={`Delete the access policy of ${name}?`}
          word="delete"
          action="Delete policy"
          warning="What it denies is no longer denied, and what it allows no longer allowed, from now on."
          onConfirm={async () => {
            await deleteVaultPolicy(api, name);
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </Container>
  );
}

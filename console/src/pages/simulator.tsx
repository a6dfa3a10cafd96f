// Tries out what a user may do, as the server would decide it.
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { type Verdict, listUsers, simulate } from '../api/access';
import { useApi } from '../api/clients';
import { tableNames } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { useAct, useLoad } from '../hooks/load';

const WORDS: Record<string, string> = {
  allowed: 'Allowed',
  explicitDeny: 'Denied by a statement',
  implicitDeny: 'Denied: nothing allows it',
};

export function Simulator() {
  const api = useApi();
  const users = useLoad(() => listUsers(api), [api]);
  const [user, setUser] = useState('');
  const [actions, setActions] = useState(
    'dynamodb:CreateBackup dynamodb:RestoreTableFromBackup dynamodb:DeleteTable',
  );
  const arns = useLoad(async () => {
    const { region, account } = api.session;
    const names = await tableNames(api).catch(() => []);
    return names.map((name) => `arn:aws:dynamodb:${region}:${account}:table/${name}`);
  }, [api]);
  const [typed, setTyped] = useState<string>();
  const resource = typed ?? arns.value?.[0] ?? '';
  const [verdicts, setVerdicts] = useState<Verdict[]>([]);
  const options = (users.value ?? []).map((one) => ({ value: one.user.Arn ?? '', label: one.user.UserName }));
  const act = useAct(async () => {
    setVerdicts(await simulate(api, user, actions.split(/[\s,]+/).filter(Boolean), resource));
  });
  return (
    <SpaceBetween size="l">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act.run();
        }}
      >
        <Container
          header={
            <Header variant="h2" description="Nothing is done; the server only says how it would decide.">
              Simulate
            </Header>
          }
          footer={
            <Button formAction="submit" variant="primary" disabled={!user} loading={act.running}>
              Simulate
            </Button>
          }
        >
          <SpaceBetween size="m">
            <ErrorAlert error={users.error} />
            <FormField label="User">
              <Select
                options={options}
                selectedOption={options.find(({ value }) => value === user) ?? null}
                placeholder="Choose a user"
                statusType={users.value ? 'finished' : 'loading'}
                empty="There are no users yet: the tab Users makes them"
                onChange={({ detail }) => setUser(detail.selectedOption.value ?? '')}
              />
            </FormField>
            <FormField label="Actions" constraintText="Separated by spaces or lines">
              <Textarea value={actions} rows={3} onChange={({ detail }) => setActions(detail.value)} />
            </FormField>
            <FormField label="Resource" constraintText="The ARN of a table or backup; empty: any">
              <Autosuggest
                value={resource}
                options={(arns.value ?? []).map((value) => ({ value }))}
                enteredTextLabel={(value) => `Use ${value}`}
                empty="No tables in this Region"
                onChange={({ detail }) => setTyped(detail.value)}
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </form>
      <ErrorAlert error={act.error} />
      <Table
        header={<Header variant="h2">Decisions</Header>}
        items={verdicts}
        trackBy="action"
        ariaLabels={{ tableLabel: 'Decisions' }}
        empty="Choose a user and actions, then Simulate."
        columnDefinitions={[
          { id: 'action', header: 'Action', isRowHeader: true, cell: (verdict) => verdict.action },
          {
            id: 'decision',
            header: 'Decision',
            cell: ({ decision }) => (
              <StatusIndicator type={decision === 'allowed' ? 'success' : 'error'}>
                {WORDS[decision] ?? decision}
              </StatusIndicator>
            ),
          },
          { id: 'by', header: 'Decided by policy', cell: (verdict) => verdict.policies.join(', ') || '-' },
        ]}
      />
    </SpaceBetween>
  );
}

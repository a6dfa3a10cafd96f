// A recovery point is restored into a new table, by a job that works as a role.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { restoreJobProgress, startRestore } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { tableNames } from '../api/tables';
import { describePoint, tableNameOf } from '../api/vaults';
import { ErrorAlert } from '../components/error_alert';
import { Estimate } from '../components/estimate';
import { Money } from '../components/money';
import { Size, Time } from '../components/format';
import { Page } from '../components/page';
import { RoleField, isRole } from '../components/role_field';
import { ShowAs } from '../components/show_as';
import { useJobs } from '../hooks/jobs';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

// "Users-Restored-20261122-0558"
function suggestedName(table: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  return table ? `${table.slice(0, 230)}-Restored-${stamp}` : '';
}

export default function RestorePoint({ vault, arn }: { vault: string; arn: string }) {
  const api = useApi();
  const { follow } = useJobs();
  const point = useLoad(() => describePoint(api, vault, arn), [api, vault, arn]);
  const names = useLoad(() => tableNames(api), [api]);
  const [typed, setTyped] = useState<string | null>(null);
  const [role, setRole] = useState('');
  const [key, setKey] = useState('');
  const table = tableNameOf(point.value?.ResourceArn);
  const [suggested] = useState(() => suggestedName(tableNameOf(arn)));
  const name = typed ?? suggested;
  const input = {
    RecoveryPointArn: arn,
    IamRoleArn: role,
    Metadata: { targetTableName: name, ...(key ? { encryptionType: 'KMS', kmsMasterKeyArn: key } : {}) },
  };
  const back = href(['vaults', vault], { select: arn });
  const problem = !NAME.test(name)
    ? '3 to 255 characters: letters, digits, _ - .'
    : names.value?.includes(name)
      ? `There is a table ${name} already; a restore never replaces one.`
      : undefined;
  const ready = !problem && isRole(role) && point.value?.Status === 'COMPLETED';
  const act = useAct(async () => {
    const id = await startRestore(api, input);
    follow({
      kind: 'Restore',
      title: `Table ${name} from a recovery point of ${table}`,
      href: href(['tables', name]),
      look: () => restoreJobProgress(api, id),
    });
    go('#/vault-jobs/restore');
  });
  return (
    <Page
      title="Restore recovery point"
      crumbs={[
        { text: 'Vaults', href: '#/vaults' },
        { text: vault, href: back },
      ]}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !act.running) void act.run();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go(back)}>
                Cancel
              </Button>
              <Button variant="primary" loading={act.running} disabled={!ready}>
                Restore table
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <Alert type="info">A restore makes a new table. {table || 'The source'} is not touched.</Alert>
            {point.value && (
              <Container>
                <KeyValuePairs
                  columns={3}
                  items={[
                    { label: 'Source table', value: table },
                    { label: 'As it was at', value: <Time at={point.value.CreationDate} /> },
                    { label: 'Size', value: <Size bytes={point.value.BackupSizeInBytes} /> },
                  ]}
                />
                <Estimate of={{ TableName: table, SizeBytes: point.value.BackupSizeInBytes }}>
                  {({ Restore }) => (
                    <>
                      <Money amount={Restore.Cost} /> for this restore
                    </>
                  )}
                </Estimate>
              </Container>
            )}
            <Container>
              <SpaceBetween size="m">
                <FormField
                  label="Name of restored table"
                  constraintText="3 to 255 characters: letters, digits, _ - ."
                  errorText={name || typed !== null ? problem : undefined}
                >
                  <Input value={name} onChange={({ detail }) => setTyped(detail.value)} spellcheck={false} />
                </FormField>
                <RoleField value={role} onChange={setRole} />
                <FormField
                  label="Key of the new table"
                  constraintText="The ARN of a KMS key; empty: the server's own"
                >
                  <Input value={key} onChange={({ detail }) => setKey(detail.value)} spellcheck={false} />
                </FormField>
              </SpaceBetween>
            </Container>
            <ErrorAlert error={point.error ?? names.error ?? act.error} />
            <ShowAs service="backup" operation="StartRestoreJob" input={input} />
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}

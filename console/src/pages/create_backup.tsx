import { CreateBackupCommand } from '@aws-sdk/client-dynamodb';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { backupProgress, describeTable, tableNames } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Estimate } from '../components/estimate';
import { Size, countText } from '../components/format';
import { Money } from '../components/money';
import { NoTables } from '../components/no_tables';
import { Page } from '../components/page';
import { ShowAs } from '../components/show_as';
import { useJobs } from '../hooks/jobs';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

// "Users-20261122-0558"
function suggestedName(table: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  return table ? `${table}-${stamp}` : '';
}

export default function CreateBackup({ table: given }: { table: string }) {
  const api = useApi();
  const { follow } = useJobs();
  const [table, setTable] = useState(given);
  const [typed, setTyped] = useState<string | null>(null);
  const [suggested, setSuggested] = useState(suggestedName(given));
  const name = typed ?? suggested;
  const names = useLoad(() => tableNames(api), [api]);
  const details = useLoad(async () => (table ? describeTable(api, table) : undefined), [api, table]);
  const input = { TableName: table, BackupName: name };
  const back = given ? href(['tables', given, 'backups']) : '#/backups';
  const act = useAct(async () => {
    const answer = await api.dynamodb.send(new CreateBackupCommand(input));
    const arn = answer.BackupDetails?.BackupArn ?? '';
    follow({
      kind: 'Backup',
      title: `Backup ${name} of table ${table}`,
      href: href(['backups', arn]),
      look: () => backupProgress(api, arn),
    });
    go(given ? href(['tables', table, 'backups'], { select: arn }) : href(['backups'], { select: arn }));
  });
  const nameError = typed !== null && !NAME.test(name) ? '3 to 255 characters: letters, digits, _ - .' : undefined;
  return (
    <Page
      title="Create backup"
      crumbs={[...(given ? [{ text: 'Tables', href: '#/tables' }] : []), { text: given || 'Backups', href: back }]}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (table && NAME.test(name)) void act.run();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go(back)}>
                Cancel
              </Button>
              <Button variant="primary" loading={act.running} disabled={!table || !NAME.test(name)}>
                Create backup
              </Button>
            </SpaceBetween>
          }
          errorText={undefined}
        >
          <SpaceBetween size="l">
            {names.value?.length === 0 && <NoTables />}
            <Container>
              <SpaceBetween size="m">
                <FormField label="Source table">
                  <Select
                    selectedOption={table ? { value: table, label: table } : null}
                    options={(names.value ?? []).map((value) => ({ value, label: value }))}
                    placeholder="Choose a table"
                    filteringType="auto"
                    filteringAriaLabel="Filter tables"
                    statusType={names.value ? 'finished' : 'loading'}
                    empty="No tables in this Region"
                    onChange={({ detail }) => {
                      setTable(detail.selectedOption.value ?? '');
                      setSuggested(suggestedName(detail.selectedOption.value ?? ''));
                    }}
                  />
                </FormField>
                <FormField
                  label="Backup name"
                  constraintText="3 to 255 characters: letters, digits, _ - ."
                  errorText={nameError}
                >
                  <Input value={name} onChange={({ detail }) => setTyped(detail.value)} spellcheck={false} />
                </FormField>
                {details.value && (
                  <KeyValuePairs
                    columns={3}
                    items={[
                      { label: 'Items', value: countText(details.value.ItemCount ?? 0) },
                      { label: 'Size', value: <Size bytes={details.value.TableSizeBytes} /> },
                      {
                        label: 'Kept',
                        value: (
                          <>
                            Until it is deleted.{' '}
                            <Link href={href(['vault-jobs', 'create'], { table })}>Keep it in a vault instead</Link>
                          </>
                        ),
                      },
                    ]}
                  />
                )}
                <Estimate of={{ TableName: table }}>
                  {({ Backup }) => (
                    <>
                      <Money amount={Backup.CostPerMonth} /> a month for as long as it is kept
                    </>
                  )}
                </Estimate>
              </SpaceBetween>
            </Container>
            <ErrorAlert error={names.error ?? details.error ?? act.error} />
            <ShowAs operation="CreateBackup" input={input} />
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}

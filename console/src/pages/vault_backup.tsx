// A backup on demand: a job of AWS Backup makes a recovery point of a table in a vault.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { backupJobProgress, startBackup } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { FOR_EVER, isRetention, lifecycleOf } from '../api/lifecycle';
import { tableNames } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Estimate } from '../components/estimate';
import { Money } from '../components/money';
import { NoTables } from '../components/no_tables';
import { Page } from '../components/page';
import { RetentionFields } from '../components/retention_fields';
import { RoleField, isRole } from '../components/role_field';
import { ShowAs } from '../components/show_as';
import { VaultChoice } from '../components/vault_choice';
import { useJobs } from '../hooks/jobs';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const optionOf = (value: string) => ({ value, label: value });

export default function VaultBackup({ table: givenTable, vault: givenVault }: { table: string; vault: string }) {
  const api = useApi();
  const { follow } = useJobs();
  const names = useLoad(() => tableNames(api), [api]);
  const [table, setTable] = useState(givenTable);
  const [vault, setVault] = useState(givenVault);
  const [role, setRole] = useState('');
  const [retention, setRetention] = useState(FOR_EVER);
  const { account, region } = api.session;
  const life = isRetention(retention) ? lifecycleOf(retention) : undefined;
  const input = {
    BackupVaultName: vault,
    ResourceArn: `arn:aws:dynamodb:${region}:${account}:table/${table}`,
    IamRoleArn: role,
    ...(life ? { Lifecycle: life } : {}),
  };
  const ready = table !== '' && vault !== '' && isRole(role) && isRetention(retention);
  const act = useAct(async () => {
    const id = await startBackup(api, input);
    follow({
      kind: 'Backup',
      title: `Recovery point of ${table} in vault ${vault}`,
      href: href(['vaults', vault]),
      look: () => backupJobProgress(api, id),
    });
    go('#/vault-jobs/backup');
  });
  return (
    <Page title="Create on-demand backup" crumbs={[{ text: 'AWS Backup jobs', href: '#/vault-jobs/backup' }]}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !act.running) void act.run();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => history.back()}>
                Cancel
              </Button>
              <Button variant="primary" loading={act.running} disabled={!ready}>
                Create on-demand backup
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            {names.value?.length === 0 && <NoTables />}
            <Container>
              <SpaceBetween size="m">
                <FormField label="Table">
                  <Select
                    selectedOption={table ? optionOf(table) : null}
                    options={(names.value ?? []).map(optionOf)}
                    placeholder="Choose a table"
                    filteringType="auto"
                    filteringAriaLabel="Filter tables"
                    statusType={names.value ? 'finished' : 'loading'}
                    empty="No tables in this Region"
                    onChange={({ detail }) => setTable(detail.selectedOption.value ?? '')}
                  />
                </FormField>
                <VaultChoice value={vault} onChange={setVault} />
                <RetentionFields value={retention} onChange={setRetention} />
                <RoleField value={role} onChange={setRole} />
                <Estimate of={{ TableName: table }}>
                  {({ Backup }) => (
                    <>
                      <Money amount={Backup.CostPerMonth} /> a month for as long as it is kept warm
                    </>
                  )}
                </Estimate>
              </SpaceBetween>
            </Container>
            <ErrorAlert error={names.error ?? act.error} />
            <ShowAs service="backup" operation="StartBackupJob" input={input} />
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}

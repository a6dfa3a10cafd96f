// What another retention, cold storage, or no recovery would cost a table.
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { estimateOf } from '../api/costs';
import { isDays, isRetention } from '../api/lifecycle';
import type { Estimate } from '../api/operations';
import { tableNames } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Size, countOf } from '../components/format';
import { Money } from '../components/money';
import { RetentionFields } from '../components/retention_fields';
import { useLoad } from '../hooks/load';

// What the fields begin with: a month of daily backups.
const BEGIN = { cold: '', end: '30' };

function difference(a: string, b: string): string {
  return String(Math.max(0, Number(a) - Number(b)));
}

function Answer({ estimate }: { estimate: Estimate }) {
  const { PointInTimeRecovery: recovery, Month: month, Plan: plan, Backup: backup, Restore: restore } = estimate;
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Size of the table', value: <Size bytes={estimate.SizeBytes} /> },
        { label: 'One backup, a month', value: <Money amount={backup.CostPerMonth} /> },
        { label: 'One restore', value: <Money amount={restore.Cost} /> },
        { label: 'Point-in-time recovery, a month', value: <Money amount={recovery.CostPerMonth} /> },
        ...(recovery.Enabled
          ? [
              {
                label: 'Saved this month if recovery is switched off now',
                value: <Money amount={difference(month.Forecast, month.ForecastWithoutPointInTimeRecovery)} />,
              },
            ]
          : []),
        { label: 'This month, if nothing changes', value: <Money amount={month.Forecast} /> },
        ...(plan
          ? [
              {
                label: 'The rule, a month',
                value: (
                  <>
                    <Money amount={plan.CostPerMonth} /> for {countOf(plan.WarmBackups + plan.ColdBackups, 'backup')}
                    {plan.ColdBackups > 0 && `, ${plan.ColdBackups} of them cold`}
                  </>
                ),
              },
              { label: 'Saved by cold storage, a month', value: <Money amount={plan.SavedByColdStorage} /> },
            ]
          : []),
      ]}
    />
  );
}

export function WhatIf() {
  const api = useApi();
  const names = useLoad(() => tableNames(api), [api]);
  const [chosen, setChosen] = useState('');
  const [retention, setRetention] = useState(BEGIN);
  const [every, setEvery] = useState('1');
  const table = chosen || (names.value?.[0] ?? '');
  const ready = table !== '' && isRetention(retention) && (!retention.end || isDays(every));
  const rule = retention.end
    ? {
        KeepDays: Number(retention.end),
        EveryDays: Number(every),
        ...(retention.cold ? { ColdAfterDays: Math.max(1, Number(retention.cold)) } : {}),
      }
    : {};
  const estimate = useLoad(
    async () => (ready ? estimateOf(api, { TableName: table, ...rule }) : undefined),
    [api, table, ready, retention.end, retention.cold, every],
  );
  if (names.value?.length === 0) return null;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="A rule of backups once it has run for as long as it keeps them, by the table's size now."
        >
          What if
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={2}>
          <FormField label="Table">
            <Select
              selectedOption={table ? { value: table, label: table } : null}
              options={(names.value ?? []).map((value) => ({ value, label: value }))}
              filteringType="auto"
              filteringAriaLabel="Filter tables"
              statusType={names.value ? 'finished' : 'loading'}
              onChange={({ detail }) => setChosen(detail.selectedOption.value ?? '')}
            />
          </FormField>
          <FormField label="A backup every days" errorText={isDays(every) ? undefined : '1 to 36,500'}>
            <Input value={every} inputMode="numeric" onChange={({ detail }) => setEvery(detail.value)} />
          </FormField>
        </ColumnLayout>
        <RetentionFields value={retention} onChange={setRetention} />
        <ErrorAlert error={names.error ?? estimate.error} />
        {estimate.value && <Answer estimate={estimate.value} />}
      </SpaceBetween>
    </Container>
  );
}

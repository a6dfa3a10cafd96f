// What the rules of a plan would cost a month for one table, once they have run for as long as they keep backups.
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { isRetention } from '../api/lifecycle';
import { daysBetween } from '../api/schedules';
import { tableNames } from '../api/tables';
import { useLoad } from '../hooks/load';
import { useEstimate } from './estimate';
import { countOf } from './format';
import { Money } from './money';
import type { RuleDraft } from './rule_fields';

function RuleCost({ table, draft }: { table: string; draft: RuleDraft }) {
  const every = daysBetween(draft.input.ScheduleExpression);
  const { cold, end } = draft.retention;
  const countable = every !== undefined && end !== '' && isRetention(draft.retention);
  const estimate = useEstimate({
    TableName: countable ? table : '',
    KeepDays: Number(end),
    EveryDays: every,
    ColdAfterDays: cold ? Math.max(1, Number(cold)) : undefined,
  });
  if (!end) return <>Each backup is kept until somebody deletes it: it costs more with every run</>;
  if (every === undefined) return <>Not told for this schedule</>;
  const plan = estimate?.Plan;
  if (!plan) return <>-</>;
  return (
    <>
      <Money amount={plan.CostPerMonth} /> for {countOf(plan.WarmBackups + plan.ColdBackups, 'backup')}
    </>
  );
}

export function PlanEstimate({ drafts }: { drafts: RuleDraft[] }) {
  const api = useApi();
  const names = useLoad(() => tableNames(api), [api]);
  const [table, setTable] = useState('');
  if (!names.value?.length) return null;
  return (
    <Container header={<Header variant="h2">What it costs at AWS</Header>}>
      <SpaceBetween size="m">
        <FormField label="For a table as large as">
          <Select
            selectedOption={table ? { value: table, label: table } : null}
            options={names.value.map((value) => ({ value, label: value }))}
            placeholder="Choose a table"
            filteringType="auto"
            filteringAriaLabel="Filter tables"
            onChange={({ detail }) => setTable(detail.selectedOption.value ?? '')}
          />
        </FormField>
        {table && (
          <KeyValuePairs
            columns={3}
            items={drafts.map((draft) => ({
              label: `Rule ${draft.input.RuleName}, a month`,
              value: <RuleCost table={table} draft={draft} />,
            }))}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}

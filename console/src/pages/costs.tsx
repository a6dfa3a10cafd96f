// The bill that backup and recovery would make at AWS: of a month, of all Regions of the account.
import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { getCosts, kindText, monthsBefore, spanOf } from '../api/costs';
import type { Costs as Bill } from '../api/operations';
import { CostChart } from '../components/cost_chart';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Size } from '../components/format';
import { Money } from '../components/money';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { CostLines } from './cost_lines';
import { WhatIf } from './cost_what_if';
import { PriceBook } from './price_book';

const MONTHS_BACK = 12;
const PRESENT = { value: '', label: 'This month' };

function MonthChoice({ value, now, onChange }: { value: string; now: string; onChange: (month: string) => void }) {
  const months = [PRESENT, ...monthsBefore(now, MONTHS_BACK).map((month) => ({ value: month, label: month }))];
  return (
    <FormField label="Month">
      <Select
        selectedOption={months.find((one) => one.value === value) ?? PRESENT}
        options={months}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
      />
    </FormField>
  );
}

function Sums({ bill, present }: { bill: Bill; present: boolean }) {
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: present ? 'So far' : 'In all', value: <Money amount={bill.Total.Cost} /> },
        ...(present
          ? [{ label: 'At the end of the month, if nothing changes', value: <Money amount={bill.Forecast} /> }]
          : []),
        { label: 'Kept, as AWS counts it', value: <Size bytes={bill.Total.LogicalBytes} /> },
        { label: 'What that takes on this disk now', value: <Size bytes={bill.Groups[0]?.PhysicalBytes ?? 0} /> },
      ]}
    />
  );
}

export default function Costs() {
  const api = useApi();
  const [month, setMonth] = useState('');
  const kinds = useLoad(() => getCosts(api, spanOf(month), ['KIND']), [api, month]);
  const all = useLoad(() => getCosts(api, spanOf(month), []), [api, month]); // files that kinds share, once
  const days = useLoad(() => getCosts(api, spanOf(month), ['DAY', 'KIND']), [api, month]);
  const bill = kinds.value;
  const shown = month || bill?.From.slice(0, 7);
  return (
    <Page
      title="Costs"
      crumbs={[]}
      description="What backups, recovery and restores in all Regions would cost at AWS. Tidemark charges nothing."
    >
      <ErrorAlert error={kinds.error ?? all.error ?? days.error} onRetry={kinds.refresh} />
      {!bill && kinds.loading && <Spinner size="large" />}
      {bill && (
        <Container
          header={
            <Header variant="h2" description={`By prices of ${bill.PriceListDate}, in US dollars`}>
              {shown}
            </Header>
          }
        >
          <SpaceBetween size="m">
            <MonthChoice value={month} now={new Date().toISOString()} onChange={setMonth} />
            {all.value && <Sums bill={all.value} present={!month} />}
            {days.value && shown && <CostChart month={shown} groups={days.value.Groups} />}
          </SpaceBetween>
        </Container>
      )}
      {bill && (
        <DataTable
          title="By kind"
          noun="kind"
          loaded={{ ...kinds, error: undefined }}
          items={bill.Groups}
          id={(group) => group.Kind ?? ''}
          columns={[
            { id: 'kind', header: 'Kind', isRowHeader: true, cell: (group) => kindText(group.Kind) },
            { id: 'cost', header: 'Cost', cell: (group) => <Money amount={group.Cost} /> },
            { id: 'months', header: 'GB-months', cell: (group) => group.GigabyteMonths },
            { id: 'once', header: 'Restored or moved', cell: (group) => <Size bytes={group.OnceBytes} /> },
            { id: 'logical', header: 'Kept', cell: (group) => <Size bytes={group.LogicalBytes} /> },
            { id: 'physical', header: 'On this disk', cell: (group) => <Size bytes={group.PhysicalBytes} /> },
            {
              id: 'price',
              header: 'Price of a GB',
              cell: (group) => `$${bill.Prices[group.Kind ?? ''] ?? '-'}`,
            },
          ]}
          empty="Nothing was kept or restored in this month."
        />
      )}
      {bill && <CostLines month={month} />}
      {bill && !month && <WhatIf />}
      {bill && !month && <PriceBook onChanged={kinds.refresh} />}
      {bill && bill.Groups.length > 0 && (
        <Alert type="info">
          AWS adds 100 bytes for each item, and has other prices in other Regions. What the change log takes is on
          page <Link href="#/server">Server</Link>.
        </Alert>
      )}
    </Page>
  );
}

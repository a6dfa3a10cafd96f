// The lines of a month's bill, told apart as one likes, and as files.
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { useApi } from '../api/clients';
import { GROUPINGS, type Grouping, csvOf, getCosts, kindText, spanOf } from '../api/costs';
import type { CostDimension, CostGroup } from '../api/operations';
import { DataTable } from '../components/data_table';
import { Download } from '../components/download';
import { Size } from '../components/format';
import { Money } from '../components/money';
import { ShowAsTidemark } from '../components/show_as';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const HEADERS: Partial<Record<CostDimension, [header: string, of: (group: CostGroup, here: string) => ReactNode]>> = {
  REGION: ['Region', (group) => group.Region],
  TABLE: [
    'Table',
    (group, here) =>
      group.Region === here ? (
        <Link href={href(['tables', group.Table ?? '', 'backups'])}>{group.Table}</Link>
      ) : (
        group.Table
      ),
  ],
  RESOURCE: ['Resource', (group) => <span className="breakable">{group.Resource}</span>],
  KIND: ['Kind', (group) => kindText(group.Kind)],
  TAG: ['Tag', (group) => group.Tag || '(none)'],
};

const keyOf = (group: CostGroup) =>
  [group.Region, group.Table, group.Resource, group.Kind, group.Tag].filter((part) => part !== undefined).join(' ');

// `month` that is over; '': the present one.
export function CostLines({ month }: { month: string }) {
  const api = useApi();
  const [chosen, setChosen] = useState(0);
  const [tag, setTag] = useState('');
  const { label, by }: Grouping = GROUPINGS[chosen] ?? { label: '', by: [] };
  const asksTag = by.includes('TAG');
  const lines = useLoad(
    async () => (asksTag && !tag ? undefined : getCosts(api, spanOf(month), by, tag)),
    [api, month, chosen, tag],
  );
  const bill = lines.value;
  const groups = asksTag && !tag ? [] : bill?.Groups.toSorted((a, b) => Number(b.Cost) - Number(a.Cost));
  const file = `tidemark-costs-${bill?.From.slice(0, 7)}`;
  const span = month ? ` --from ${spanOf(month).From} --until ${spanOf(month).Until}` : '';
  const dimensions = by.map((one) => (one === 'TAG' ? `tag:${tag}` : one.toLowerCase())).join(',');
  return (
    <SpaceBetween size="s">
      <DataTable<CostGroup>
        title={`By ${label.toLowerCase()}`}
        noun="line"
        loaded={lines}
        items={groups}
        id={keyOf}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Download text={() => csvOf(bill?.Groups ?? [])} name={`${file}.csv`} type="text/csv" disabled={!bill}>
              Export CSV
            </Download>
            <Download
              text={() => JSON.stringify(bill, null, 2)}
              name={`${file}.json`}
              type="application/json"
              disabled={!bill}
            >
              Export JSON
            </Download>
          </SpaceBetween>
        }
        description={
          <SpaceBetween direction="horizontal" size="m">
            <FormField label="One line for each">
              <Select
                selectedOption={{ value: label, label }}
                options={GROUPINGS.map((one) => ({ value: one.label, label: one.label }))}
                onChange={({ detail }) =>
                  setChosen(GROUPINGS.findIndex((one) => one.label === detail.selectedOption.value))
                }
              />
            </FormField>
            {asksTag && (
              <FormField label="Tag key">
                <Input value={tag} spellcheck={false} onChange={({ detail }) => setTag(detail.value)} />
              </FormField>
            )}
          </SpaceBetween>
        }
        columns={[
          ...by.map((one, at) => ({
            id: one,
            header: HEADERS[one]?.[0] ?? one,
            isRowHeader: at === by.length - 1,
            cell: (group: CostGroup) => HEADERS[one]?.[1](group, api.session.region),
          })),
          { id: 'cost', header: 'Cost', cell: (group) => <Money amount={group.Cost} /> },
          { id: 'logical', header: 'Kept', cell: (group) => <Size bytes={group.LogicalBytes} /> },
          { id: 'physical', header: 'On this disk', cell: (group) => <Size bytes={group.PhysicalBytes} /> },
          { id: 'once', header: 'Restored or moved', cell: (group) => <Size bytes={group.OnceBytes} /> },
        ]}
        empty={asksTag && !tag ? 'Write the key of a tag.' : 'Nothing was kept or restored in this month.'}
      />
      <ShowAsTidemark commands={[`costs --by ${dimensions}${span}`]} />
    </SpaceBetween>
  );
}

// Items of a table, now or as of an instant: scan, or query by partition key.
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useApi } from '../api/clients';
import { describeTable, tableNames } from '../api/tables';
import { NoTables } from '../components/no_tables';
import { ErrorAlert } from '../components/error_alert';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { Items } from './items';

function Choose({ name }: { name: string | undefined }) {
  const api = useApi();
  const names = useLoad(() => tableNames(api), [api]);
  if (names.value?.length === 0) return <NoTables />;
  return (
    <FormField label="Table" errorText={names.error ? 'The tables cannot be listed' : undefined}>
      <Select
        selectedOption={name ? { value: name, label: name } : null}
        options={(names.value ?? []).map((value) => ({ value, label: value }))}
        placeholder="Choose a table"
        filteringType="auto"
        filteringAriaLabel="Filter tables"
        statusType={names.value ? 'finished' : 'loading'}
        empty="No tables in this Region"
        onChange={({ detail }) => go(href(['explore', detail.selectedOption.value ?? '']))}
      />
    </FormField>
  );
}

export default function Explore({ name, at }: { name: string | undefined; at: string | null }) {
  const api = useApi();
  const table = useLoad<TableDescription | undefined>(
    async () => (name ? describeTable(api, name) : undefined),
    [api, name],
  );
  return (
    <Page
      title={name ? `Items of ${name}` : 'Explore items'}
      crumbs={name ? [{ text: 'Explore items', href: '#/explore' }] : []}
      actions={name && <Button onClick={() => go(href(['tables', name]))}>View table</Button>}
    >
      <Container header={<Header variant="h2">Table</Header>}>
        <SpaceBetween size="s">
          <Choose name={name} />
          {!name && <Box color="text-body-secondary">Items are shown as they are now, or as they were.</Box>}
        </SpaceBetween>
      </Container>
      <ErrorAlert error={table.error} onRetry={table.refresh} />
      {table.value && <Items key={name} table={table.value} at={at ? new Date(at) : undefined} />}
    </Page>
  );
}

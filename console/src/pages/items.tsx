import type { TableDescription } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { useApi } from '../api/clients';
import { type Item, fromWire, keyOf, valueText } from '../api/items';
import type { WireItem } from '../api/operations';
import { type ItemPage, queryItems, scanItems } from '../api/past';
import { ErrorAlert } from '../components/error_alert';
import { Time, countOf } from '../components/format';
import { ItemTable } from '../components/item_table';
import { useAct } from '../hooks/load';
import { go, href } from '../hooks/route';
import { DeleteItems } from './delete_items';
import { EditItem } from './edit_item';

const PAGE = 50; // items

interface Props {
  table: TableDescription;
  at: Date | undefined; // undefined: now
}

interface Shown extends ItemPage {
  partition: string; // what was asked for; '': everything
}

function typeOf(table: TableDescription, name: string): string {
  return table.AttributeDefinitions?.find((one) => one.AttributeName === name)?.AttributeType ?? 'S';
}

// Reads on until the page is full or the table ends, so that no page is short because of a filter or a size limit.
function useItems({ table, at }: Props) {
  const api = useApi();
  const [shown, setShown] = useState<Shown>();
  const partitionKey = table.KeySchema?.[0]?.AttributeName ?? '';
  const read = useAct(async (partition: string, more: boolean) => {
    const page: Shown = more && shown ? { ...shown, items: [...shown.items] } : { items: [], scanned: 0, partition };
    const wanted = page.items.length + PAGE;
    let start: Item | undefined = more ? page.last : undefined;
    do {
      const base = { TableName: table.TableName, Limit: wanted - page.items.length, ExclusiveStartKey: start };
      const next = partition
        ? await queryItems(
            api,
            {
              ...base,
              KeyConditionExpression: '#p = :p',
              ExpressionAttributeNames: { '#p': partitionKey },
              ExpressionAttributeValues: fromWire({ ':p': { [typeOf(table, partitionKey)]: partition } }),
            },
            at,
          )
        : await scanItems(api, base, at);
      page.items.push(...next.items);
      page.scanned += next.scanned;
      page.last = next.last;
      start = next.last;
    } while (start && page.items.length < wanted);
    setShown(page);
  });
  return { shown, read };
}

export function Items({ table, at }: Props) {
  const name = table.TableName ?? '';
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  const { shown, read } = useItems({ table, at });
  const [partition, setPartition] = useState('');
  const [selected, setSelected] = useState<WireItem[]>([]);
  const [editing, setEditing] = useState<WireItem | 'new' | null>(null);
  const [deleting, setDeleting] = useState(false);
  const atQuery = { at: at?.toISOString() };
  const reload = () => {
    setSelected([]);
    void read.run(partition, false);
  };
  useEffect(() => {
    void read.run('', false);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [at?.getTime()]);

  const open = (item: WireItem) => (
    <Link href={href(['item', name], { key: JSON.stringify(keyOf(table, item)), ...atQuery })}>
      {valueText(item[keys[0] ?? ''])}
    </Link>
  );
  return (
    <SpaceBetween size="l">
      {at && (
        <Alert
          type="info"
          action={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => go(href(['tables', name, 'past'], atQuery))}>Change instant</Button>
              <Button onClick={() => go(href(['explore', name]))}>Now</Button>
            </SpaceBetween>
          }
        >
          Reading {name} as it was at <Time at={at} />. It cannot be changed there.
        </Alert>
      )}
      <Container header={<Header variant="h2">Scan or query</Header>}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            reload();
          }}
        >
          <SpaceBetween size="s">
            <FormField label={`Partition key: ${keys[0]}`} constraintText="Empty: all items">
              <Input
                value={partition}
                onChange={({ detail }) => setPartition(detail.value)}
                placeholder="Any"
                spellcheck={false}
              />
            </FormField>
            <Button formAction="submit" loading={read.running}>
              Run
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      <ErrorAlert error={read.error} onRetry={reload} />
      <ItemTable
        title="Items"
        noun="item"
        keys={keys}
        items={shown?.items ?? []}
        loading={!shown && read.running}
        empty={<Box>No items{at ? ' at that instant' : ''}.</Box>}
        description={shown && `${countOf(shown.items.length, 'item')} shown, ${countOf(shown.scanned, 'item')} read`}
        onOpen={open}
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel="Refresh items" loading={read.running} onClick={reload} />
            {!at && (
              <Button disabled={selected.length !== 1} onClick={() => setEditing(selected[0] ?? null)}>
                Edit
              </Button>
            )}
            {!at && (
              <Button disabled={!selected.length} onClick={() => setDeleting(true)}>
                Delete
              </Button>
            )}
            {!at && (
              <Button disabled={table.TableStatus !== 'ACTIVE'} onClick={() => go(href(['tables', name, 'past']))}>
                As of a time
              </Button>
            )}
            {!at && (
              <Button variant="primary" onClick={() => setEditing('new')}>
                Create item
              </Button>
            )}
          </SpaceBetween>
        }
        footer={
          shown?.last && (
            <Box textAlign="center">
              <Button loading={read.running} onClick={() => void read.run(shown.partition, true)}>
                Read more
              </Button>
            </Box>
          )
        }
      />
      {editing && (
        <EditItem
          table={table}
          item={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(null)}
          onSaved={reload}
        />
      )}
      {deleting && (
        <DeleteItems
          table={name}
          keys={selected.map((item) => keyOf(table, item))}
          onClose={() => setDeleting(false)}
          onDeleted={reload}
        />
      )}
    </SpaceBetween>
  );
}

import type { TableDescription } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { EVERYTHING, type ItemQuery, requestOf } from '../api/item_query';
import { keyOf, valueText } from '../api/items';
import type { WireItem } from '../api/operations';
import { ErrorAlert } from '../components/error_alert';
import { Time, countOf } from '../components/format';
import { ItemTable } from '../components/item_table';
import { useItems } from '../hooks/items';
import { go, href } from '../hooks/route';
import { DeleteItems } from './delete_items';
import { EditItem } from './edit_item';
import { ItemQueryForm } from './item_query_form';

interface Props {
  table: TableDescription;
  at: Date | undefined; // undefined: now
}

export function Items({ table, at }: Props) {
  const name = table.TableName ?? '';
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  const { shown, read } = useItems(at);
  const [query, setQuery] = useState<ItemQuery>(EVERYTHING);
  const request = requestOf(table, query);
  const [selected, setSelected] = useState<WireItem[]>([]);
  const [editing, setEditing] = useState<WireItem | 'new' | null>(null);
  const [deleting, setDeleting] = useState(false);
  const atQuery = { at: at?.toISOString() };
  const reload = () => {
    setSelected([]);
    void read.run(request, false);
  };
  useEffect(() => {
    void read.run(request, false);
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
      <ItemQueryForm
        table={table}
        value={query}
        onChange={setQuery}
        request={request}
        running={read.running}
        onRun={reload}
        onReset={() => {
          setQuery(EVERYTHING);
          setSelected([]);
          void read.run(requestOf(table, EVERYTHING), false);
        }}
      />
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
              <Button loading={read.running} onClick={() => void read.run(shown.request, true)}>
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

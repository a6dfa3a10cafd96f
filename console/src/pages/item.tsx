// One item: what it is now, and all its versions, any of which can be brought back.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { fromWire, keyText, toWire } from '../api/items';
import type { WireItem } from '../api/operations';
import { shownItem } from '../api/plain_json';
import { describeTable } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { DeleteItems } from './delete_items';
import { EditItem } from './edit_item';
import { ItemHistory, historyOf } from './item_history';

export default function Item({ table, itemKey }: { table: string; itemKey: string }) {
  const api = useApi();
  const key = JSON.parse(itemKey) as WireItem;
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const now = useLoad(async () => {
    const [answer, description] = await Promise.all([
      api.dynamodb.send(new GetItemCommand({ TableName: table, Key: fromWire(key), ConsistentRead: true })),
      describeTable(api, table),
    ]);
    return { item: answer.Item && toWire(answer.Item), description };
  }, [api, table, itemKey]);
  const history = useLoad(() => historyOf(api, table, key), [api, table, itemKey]);
  const done = () => {
    now.refresh();
    history.refresh();
  };
  const { item, description } = now.value ?? {};
  return (
    <Page
      title={keyText(key)}
      crumbs={[
        { text: 'Explore items', href: '#/explore' },
        { text: table, href: href(['explore', table]) },
      ]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!item} onClick={() => setDialog('delete')}>
            Delete
          </Button>
          <Button disabled={!item} onClick={() => setDialog('edit')}>
            Edit
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={now.error} onRetry={now.refresh} />
      <Container header={<Header variant="h2">Now</Header>}>
        {now.value && (item ? <Box variant="pre">{shownItem(item)}</Box> : 'There is no such item now.')}
      </Container>
      {history.value === null ? (
        <Box color="text-body-secondary">
          With point-in-time recovery on, all versions of the item would be listed here.{' '}
          <Button variant="inline-link" onClick={() => go(href(['tables', table, 'backups']))}>
            Turn it on
          </Button>
        </Box>
      ) : (
        <ItemHistory table={table} itemKey={key} loaded={history} onRestored={done} />
      )}
      {dialog === 'edit' && description && item && (
        <EditItem table={description} item={item} onClose={() => setDialog(null)} onSaved={done} />
      )}
      {dialog === 'delete' && (
        <DeleteItems table={table} keys={[key]} onClose={() => setDialog(null)} onDeleted={done} />
      )}
    </Page>
  );
}

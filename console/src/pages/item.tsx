// One item: what it is now, and all its versions, any of which can be brought back.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { fromWire, itemText, keyText, toWire } from '../api/items';
import type { Version, WireItem } from '../api/operations';
import { recovery } from '../api/tables';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time } from '../components/format';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { BringBack } from './bring_back';

const VERSIONS = 1000;

// The state that the range begins with counts as a version: it can be brought back as any other.
async function historyOf(api: ReturnType<typeof useApi>, table: string, key: WireItem): Promise<Version[] | null> {
  const pitr = await recovery(api, table);
  if (pitr.PointInTimeRecoveryStatus !== 'ENABLED') return null;
  const history = await api.tidemark('GetItemHistory', { TableName: table, Key: key, Limit: VERSIONS });
  const { Before: before } = history;
  if (!before?.Exists) return history.Versions;
  const first: Version = { CommitTime: before.Instant, Kind: 'PUT', SizeBytes: before.SizeBytes, Item: before.Item };
  return [...history.Versions, first];
}

export default function Item({ table, itemKey }: { table: string; itemKey: string }) {
  const api = useApi();
  const key = JSON.parse(itemKey) as WireItem;
  const [chosen, setChosen] = useState<Version | null>(null);
  const now = useLoad(async () => {
    const answer = await api.dynamodb.send(
      new GetItemCommand({ TableName: table, Key: fromWire(key), ConsistentRead: true }),
    );
    return { item: answer.Item && toWire(answer.Item) };
  }, [api, table, itemKey]);
  const history = useLoad(() => historyOf(api, table, key), [api, table, itemKey]);
  const done = () => {
    now.refresh();
    history.refresh();
  };
  return (
    <Page
      title={keyText(key)}
      crumbs={[
        { text: 'Explore items', href: '#/explore' },
        { text: table, href: href(['explore', table]) },
      ]}
    >
      <ErrorAlert error={now.error} onRetry={now.refresh} />
      <Container header={<Header variant="h2">Now</Header>}>
        {now.value &&
          (now.value.item ? <Box variant="pre">{itemText(now.value.item)}</Box> : 'There is no such item now.')}
      </Container>
      {history.value === null ? (
        <Box color="text-body-secondary">
          With point-in-time recovery on, all versions of the item would be listed here.
        </Box>
      ) : (
        <DataTable
          title="History"
          noun="version"
          loaded={history}
          items={history.value}
          id={(version) => version.CommitTime}
          columns={[
            {
              id: 'time',
              header: 'Time',
              minWidth: 210,
              isRowHeader: true,
              cell: (version) => (
                <span title={version.CommitTime}>
                  <Time at={version.CommitTime} />
                </span>
              ),
            },
            { id: 'kind', header: 'What', cell: (version) => (version.Kind === 'PUT' ? 'Written' : 'Deleted') },
            { id: 'who', header: 'Access key', cell: (version) => version.AccessKeyId ?? '-' },
            {
              id: 'request',
              header: 'Request id',
              cell: (version) => <span className="breakable">{version.RequestId ?? '-'}</span>,
              maxWidth: 260,
            },
            { id: 'size', header: 'Size', cell: (version) => <Size bytes={version.SizeBytes} /> },
            {
              id: 'item',
              header: 'Item',
              minWidth: 220,
              cell: (version) =>
                version.Item && (
                  <ExpandableSection headerText="Show" headingTagOverride="h3">
                    <Box variant="pre">{itemText(version.Item)}</Box>
                  </ExpandableSection>
                ),
            },
            {
              id: 'restore',
              header: 'Act',
              minWidth: 120,
              cell: (version) => (
                <Button
                  variant="inline-link"
                  ariaLabel={`Bring back the version of ${version.CommitTime}`}
                  onClick={() => setChosen(version)}
                >
                  Bring back
                </Button>
              ),
            },
          ]}
          empty="Nothing was done to it within the recovery window."
        />
      )}
      {chosen && (
        <BringBack table={table} at={chosen.CommitTime} keys={[key]} onClose={() => setChosen(null)} onDone={done} />
      )}
    </Page>
  );
}

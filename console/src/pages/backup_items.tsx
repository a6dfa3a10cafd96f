// Items of a backup or recovery point, which is read as it lies: nothing is restored for it.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { type BackupTable, tableInBackup } from '../api/backup_tables';
import { useApi } from '../api/clients';
import { EVERYTHING, type ItemQuery, keyTypeOf, requestOf } from '../api/item_query';
import { itemText, keyOf, keyText, valueText } from '../api/items';
import type { WireItem } from '../api/operations';
import { quoted } from '../api/request_texts';
import { tableNames } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Time, countOf } from '../components/format';
import { ItemTable } from '../components/item_table';
import { Page } from '../components/page';
import { ShowAsTidemark } from '../components/show_as';
import { useItems } from '../hooks/items';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { BringBack } from './bring_back';
import { ItemQueryForm } from './item_query_form';

function commandOf({ table }: BackupTable, arn: string, query: ItemQuery): string {
  const key = table.KeySchema?.find((one) => one.KeyType === 'HASH')?.AttributeName ?? '';
  const partition = { [key]: { [keyTypeOf(table, key)]: query.partition } };
  const chosen = query.partition && !query.index ? ` --partition ${quoted(JSON.stringify(partition))}` : '';
  return `items ${table.TableName} --from-backup ${arn}${chosen}`;
}

function Browse({ source, arn }: { source: BackupTable; arn: string }) {
  const api = useApi();
  const { table, created } = source;
  const name = table.TableName ?? '';
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  const { shown, read } = useItems({ backup: arn });
  const [query, setQuery] = useState<ItemQuery>(EVERYTHING);
  const [selected, setSelected] = useState<WireItem[]>([]);
  const [viewed, setViewed] = useState<WireItem | null>(null);
  const [bringing, setBringing] = useState(false);
  const live = useLoad(async () => (await tableNames(api)).includes(name), [api, name]);
  const run = (what: ItemQuery) => {
    setSelected([]);
    void read.run(requestOf(table, what), false);
  };
  useEffect(() => {
    run(EVERYTHING);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <SpaceBetween size="l">
      <Alert type="info">
        Reading {name} as it was at <Time at={created} />, from the backup: nothing is restored for that, and it
        cannot be changed here.
      </Alert>
      <ItemQueryForm
        table={table}
        value={query}
        onChange={setQuery}
        request={requestOf(table, query)}
        running={read.running}
        onRun={() => run(query)}
        onReset={() => {
          setQuery(EVERYTHING);
          run(EVERYTHING);
        }}
        shownAs={<ShowAsTidemark commands={[commandOf(source, arn, query)]} />}
      />
      <ErrorAlert error={read.error} onRetry={() => run(query)} />
      <ItemTable
        title="Items"
        noun="item"
        keys={keys}
        items={shown?.items ?? []}
        loading={!shown && read.running}
        empty={<Box>No items.</Box>}
        description={shown && `${countOf(shown.items.length, 'item')} shown, ${countOf(shown.scanned, 'item')} read`}
        onOpen={(item) => (
          <Link
            onFollow={(event) => {
              event.preventDefault();
              setViewed(item);
            }}
          >
            {valueText(item[keys[0] ?? ''])}
          </Link>
        )}
        selected={selected}
        onSelect={setSelected}
        actions={
          <Button
            disabled={!selected.length || !live.value}
            disabledReason={live.value === false ? `There is no table ${name}: restore the backup` : undefined}
            onClick={() => setBringing(true)}
          >
            Bring back
          </Button>
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
      {viewed && (
        <Modal
          visible
          size="large"
          header={keyText(keyOf(table, viewed))}
          onDismiss={() => setViewed(null)}
          footer={
            <Box float="right">
              <Button variant="primary" onClick={() => setViewed(null)}>
                Close
              </Button>
            </Box>
          }
        >
          <Box variant="pre">{itemText(viewed)}</Box>
        </Modal>
      )}
      {bringing && (
        <BringBack
          table={name}
          at={created}
          backup={arn}
          keys={selected.map((item) => keyOf(table, item))}
          onClose={() => setBringing(false)}
          onDone={() => setSelected([])}
        />
      )}
    </SpaceBetween>
  );
}

export default function BackupItems({ arn, vault }: { arn: string; vault: string | null }) {
  const api = useApi();
  const loaded = useLoad(() => tableInBackup(api, arn), [api, arn]);
  const name = loaded.value?.table.TableName;
  const crumbs = vault
    ? [
        { text: 'Vaults', href: '#/vaults' },
        { text: vault, href: href(['vaults', vault]) },
        { text: 'Recovery point', href: href(['vaults', vault, 'points', arn]) },
      ]
    : [
        { text: 'Backups', href: '#/backups' },
        { text: 'Backup', href: href(['backups', arn]) },
      ];
  return (
    <Page title={name ? `Items in a backup of ${name}` : 'Items in a backup'} crumbs={crumbs}>
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {loaded.value && <Browse source={loaded.value} arn={arn} />}
    </Page>
  );
}

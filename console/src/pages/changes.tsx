// What has happened to a table's items since an instant, and bringing chosen ones back in place.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { keyText } from '../api/items';
import type { Change } from '../api/operations';
import { DataTable } from '../components/data_table';
import { Time, countText } from '../components/format';
import type { LoadedDifference } from '../components/preview';
import { href } from '../hooks/route';
import { BringBack } from './bring_back';
import { CompareItem } from './compare_item';

const WORDS = { REMOVED: 'Removed', CHANGED: 'Changed', ADDED: 'Added' } as const;

const CHOSEN_MAX = 100; // items that one request may name

interface Props {
  table: string;
  at: Date;
  until: Date | undefined; // else now
  loaded: LoadedDifference; // since `at`
  onRestored: () => void;
}

export function Changes({ table, at, until, loaded, onRestored }: Props) {
  const [selected, setSelected] = useState<Change[]>([]);
  const [comparing, setComparing] = useState<Change | null>(null);
  const [restoring, setRestoring] = useState<'chosen' | 'removed' | null>(null);
  const difference = loaded.settling ? undefined : loaded.value;
  const removed = difference?.removed ?? 0;
  const done = () => {
    setSelected([]);
    loaded.refresh();
    onRestored();
  };
  return (
    <>
      <DataTable
        title={until ? 'Changes between the two' : 'Changes since then'}
        noun="change"
        loaded={loaded}
        items={difference?.reading && !difference.changes.length ? undefined : difference?.changes}
        total={difference && difference.removed + difference.changed + difference.added}
        id={(change) => keyText(change.Key)}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        description="Bringing items back writes to this table, and only where nobody has changed them meanwhile."
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!selected.length || selected.length > CHOSEN_MAX}
              disabledReason={selected.length ? `Choose at most ${CHOSEN_MAX} items, or bring all back` : undefined}
              onClick={() => setRestoring('chosen')}
            >
              Bring chosen back
            </Button>
            <Button disabled={!removed} onClick={() => setRestoring('removed')}>
              Bring all removed back
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'key',
            header: 'Key',
            isRowHeader: true,
            cell: (change) => (
              <Link href={href(['item', table], { key: JSON.stringify(change.Key) })}>{keyText(change.Key)}</Link>
            ),
          },
          { id: 'kind', header: 'Change', sortingField: 'Kind', cell: (change) => WORDS[change.Kind] },
          {
            id: 'compare',
            header: 'Compare',
            cell: (change) => (
              <Button
                variant="inline-link"
                ariaLabel={`Compare ${keyText(change.Key)} side by side`}
                onClick={() => setComparing(change)}
              >
                Side by side
              </Button>
            ),
          },
          {
            id: 'time',
            header: 'Last change',
            sortingField: 'CommitTime',
            cell: (change) => <Time at={change.CommitTime} />,
          },
          {
            id: 'who',
            header: 'Access key',
            sortingField: 'AccessKeyId',
            cell: (change) => change.AccessKeyId ?? 'the server',
          },
        ]}
        empty={until ? 'The table is the same at both instants.' : 'The table is the same now as it was then.'}
      />
      {difference && !difference.complete && !difference.reading && (
        <Alert type="info">
          There are more changes than are listed. `tidemark diff {table} {at.toISOString()} {until?.toISOString()}{' '}
          --limit 0` lists all; {countText(difference.changes.length)} are shown.
        </Alert>
      )}
      {comparing && (
        <CompareItem
          table={table}
          itemKey={comparing.Key}
          instants={{ from: at, until }}
          onClose={() => setComparing(null)}
        />
      )}
      {restoring && (
        <BringBack
          table={table}
          at={at}
          until={until}
          keys={restoring === 'chosen' ? selected.map((change) => change.Key) : undefined}
          onClose={() => setRestoring(null)}
          onDone={done}
        />
      )}
    </>
  );
}

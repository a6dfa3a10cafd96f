// The state of a table at an instant, and what differs from it now. Nothing is restored for that.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useState } from 'react';
import { useApi } from '../api/clients';
import { type Difference, differenceSince } from '../api/past';
import { type Loaded, useLoad } from '../hooks/load';
import { ErrorAlert } from './error_alert';
import { countText } from './format';
import { ItemTable } from './item_table';

const SETTLE_MS = 400; // while the marker is being moved nothing is asked

function useSettled(value: Date): Date {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

// A difference that is `settling` is still one of another instant.
export type LoadedDifference = Loaded<Difference> & { settling: boolean };

export function useDifference(table: string, at: Date, until?: Date): LoadedDifference {
  const api = useApi();
  const settled = useSettled(at);
  const loaded = useLoad<Difference>(
    (show, signal) => differenceSince(api, table, { from: settled, until }, show, signal),
    [api, table, settled.getTime(), until?.getTime()],
  );
  const settling = settled.getTime() !== at.getTime() || loaded.value?.from !== at.toISOString();
  return { ...loaded, settling };
}

export function DifferenceCounts({ difference }: { difference: Difference }) {
  const more = difference.complete ? '' : difference.reading ? 'so far ' : 'more than ';
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Items then', value: difference.itemsThen === undefined ? '-' : countText(difference.itemsThen) },
        { label: 'Removed since', value: more + countText(difference.removed) },
        { label: 'Changed since', value: more + countText(difference.changed) },
        { label: 'Added since', value: more + countText(difference.added) },
      ]}
    />
  );
}

interface Props {
  loaded: LoadedDifference;
  keys: string[];
  until?: Date; // what it is compared with; else now
}

export function Preview({ loaded, keys, until }: Props) {
  if (loaded.error) return <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />;
  if (!loaded.value || loaded.settling) {
    return (
      <Box>
        <Spinner /> Looking at the table as it was
      </Box>
    );
  }
  const { removed, changed, added, sample, reading } = loaded.value;
  return (
    <SpaceBetween size="s">
      <DifferenceCounts difference={loaded.value} />
      {reading && (
        <Box>
          <Spinner /> Comparing
        </Box>
      )}
      {!reading && removed + changed + added === 0 && (
        <Alert type="info">
          {until ? 'The table is the same at both instants.' : 'The table is the same now as it was then.'}
        </Alert>
      )}
      <ItemTable
        title="Some items as they were"
        noun="item"
        keys={keys}
        items={sample}
        empty="The table was empty."
      />
    </SpaceBetween>
  );
}

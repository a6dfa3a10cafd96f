// All versions of an item within the recovery window: what each changed, and bringing one back.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import type { Api } from '../api/clients';
import { valueText } from '../api/items';
import type { Version, WireItem } from '../api/operations';
import { shownItem } from '../api/plain_json';
import { recovery } from '../api/tables';
import { DataTable } from '../components/data_table';
import { Size, Time } from '../components/format';
import type { Loaded } from '../hooks/load';
import { BringBack } from './bring_back';

const VERSIONS = 1000;
const TEXT_MAX = 40; // characters of a value in a change

export interface ShownVersion extends Version {
  current: boolean; // what is there now
  changes: string; // since the version before
}

function short(value: WireItem[string] | undefined): string {
  const text = value ? valueText(value) : 'nothing';
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}...` : text;
}

// "Plan: gold, was silver"
function changesBetween(older: WireItem, newer: WireItem): string {
  const names = new Set([...Object.keys(older), ...Object.keys(newer)]);
  const changed = [...names].filter((name) => JSON.stringify(older[name]) !== JSON.stringify(newer[name]));
  return changed.map((name) => `${name}: ${short(newer[name])}, was ${short(older[name])}`).join('; ');
}

function textOfChanges(version: Version, before: Version | undefined): string {
  if (version.Kind === 'DELETE') return 'Deleted';
  if (!before?.Item || before.Kind === 'DELETE') return 'Written anew';
  return changesBetween(before.Item, version.Item ?? {}) || 'Written, the same';
}

// Null: recovery is off. The state that the range begins with counts as a version: it can be brought back as any.
export async function historyOf(api: Api, table: string, key: WireItem): Promise<ShownVersion[] | null> {
  const pitr = await recovery(api, table);
  if (pitr.PointInTimeRecoveryStatus !== 'ENABLED') return null;
  const history = await api.tidemark('GetItemHistory', { TableName: table, Key: key, Limit: VERSIONS });
  const versions = history.Versions;
  const { Before: before } = history;
  if (before?.Exists) {
    versions.push({ CommitTime: before.Instant, Kind: 'PUT', SizeBytes: before.SizeBytes, Item: before.Item });
  }
  return versions.map((version, at) => ({
    ...version,
    current: at === 0,
    changes:
      before?.Exists && at === versions.length - 1
        ? 'As it was when the window begins'
        : textOfChanges(version, versions[at + 1]),
  }));
}

interface Props {
  table: string;
  itemKey: WireItem;
  loaded: Loaded<ShownVersion[] | null>;
  onRestored: () => void;
}

export function ItemHistory({ table, itemKey, loaded, onRestored }: Props) {
  const [chosen, setChosen] = useState<Version | null>(null);
  return (
    <>
      <DataTable
        title="History"
        noun="version"
        description="Every version within the recovery window, the newest first."
        loaded={loaded}
        items={loaded.value ?? undefined}
        id={(version) => version.CommitTime}
        columns={[
          {
            id: 'time',
            header: 'Time',
            minWidth: 130,
            isRowHeader: true,
            cell: (version) => (
              <span title={version.CommitTime}>
                <Time at={version.CommitTime} />
              </span>
            ),
          },
          {
            id: 'restore',
            header: 'Bring back',
            minWidth: 120,
            cell: (version) =>
              version.current ? (
                <>{version.Kind === 'DELETE' ? 'Is gone now' : 'Is there now'}</>
              ) : (
                <Button
                  variant="inline-link"
                  ariaLabel={`Bring back the version of ${version.CommitTime}`}
                  onClick={() => setChosen(version)}
                >
                  Bring back
                </Button>
              ),
          },
          {
            id: 'kind',
            header: 'What was done',
            minWidth: 220,
            cell: (version) => <span className="breakable">{version.changes}</span>,
          },
          {
            id: 'item',
            header: 'Item',
            minWidth: 150,
            cell: (version) =>
              version.Item && (
                <ExpandableSection headerText="Show" headingTagOverride="h3">
                  <Box variant="pre">{shownItem(version.Item)}</Box>
                </ExpandableSection>
              ),
          },
          { id: 'size', header: 'Size', minWidth: 90, cell: (version) => <Size bytes={version.SizeBytes} /> },
          {
            id: 'who',
            header: 'By access key',
            minWidth: 200,
            cell: (version) => (
              <>
                <div className="breakable">{version.AccessKeyId ?? '-'}</div>
                <Box variant="small">
                  <span className="breakable">{version.RequestId && `Request ${version.RequestId}`}</span>
                </Box>
              </>
            ),
          },
        ]}
        empty="Nothing was done to it within the recovery window."
      />
      {chosen && (
        <BringBack
          table={table}
          at={chosen.CommitTime}
          keys={[itemKey]}
          onClose={() => setChosen(null)}
          onDone={onRestored}
        />
      )}
    </>
  );
}

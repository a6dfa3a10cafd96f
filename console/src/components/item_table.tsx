// Items in rows: keys first, then the attributes that most items have.
import Header from '@cloudscape-design/components/header';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import { keyText, valueText } from '../api/items';
import type { WireItem } from '../api/operations';

const COLUMNS = 8;
const KEY_WIDTH = 150; // pixels, at least: a long attribute beside a key must not break it
const TEXT_MAX = 120; // characters of a value in a row

interface Props {
  title: string;
  noun: string;
  keys: string[]; // names of key attributes
  items: WireItem[];
  empty: ReactNode;
  loading?: boolean;
  actions?: ReactNode;
  footer?: ReactNode;
  description?: ReactNode;
  selected?: WireItem[];
  onSelect?: (items: WireItem[]) => void;
  onOpen?: (item: WireItem) => ReactNode; // what stands in the first column instead of the bare value
  extra?: TableProps.ColumnDefinition<WireItem>[];
}

// Attributes by how many items have them, the most frequent first.
function attributesOf(items: WireItem[], keys: string[]): string[] {
  const counts = new Map<string, number>();
  for (const item of items) for (const name of Object.keys(item)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.keys()]
    .filter((name) => !keys.includes(name))
    .sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a.localeCompare(b))
    .slice(0, COLUMNS - keys.length);
}

function short(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}...` : text;
}

export function ItemTable(props: Props) {
  const { keys, items } = props;
  const id = (item: WireItem) => keyText(Object.fromEntries(keys.map((name) => [name, item[name] ?? {}])));
  const names = [...keys, ...attributesOf(items, keys)];
  return (
    <Table
      variant={props.onSelect ? 'container' : 'embedded'}
      items={items}
      trackBy={id}
      loading={props.loading}
      loadingText={`Loading ${props.noun}s`}
      empty={props.empty}
      wrapLines
      selectionType={props.onSelect ? 'multi' : undefined}
      selectedItems={props.selected}
      onSelectionChange={({ detail }) => props.onSelect?.(detail.selectedItems)}
      ariaLabels={{
        tableLabel: props.title,
        selectionGroupLabel: `Selection of ${props.noun}s`,
        allItemsSelectionLabel: () => `Select all ${props.noun}s`,
        itemSelectionLabel: (_, item) => `Select ${id(item)}`,
      }}
      header={
        <Header variant="h3" actions={props.actions} description={props.description}>
          {props.title}
        </Header>
      }
      footer={props.footer}
      columnDefinitions={[
        ...names.map((name, at) => ({
          id: name,
          header: name,
          isRowHeader: at === 0,
          minWidth: at < keys.length ? KEY_WIDTH : undefined,
          cell: (item: WireItem) => (at === 0 && props.onOpen ? props.onOpen(item) : short(valueText(item[name]))),
        })),
        ...(props.extra ?? []),
      ]}
    />
  );
}

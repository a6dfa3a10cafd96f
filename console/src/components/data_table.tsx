// A table with filter, sorting, pages, selection and refresh: what all lists of the console share.
import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import type { Loaded } from '../hooks/load';
import { useSettings } from '../hooks/settings';
import { countText, pluralOf, timeText } from './format';
import { ErrorAlert } from './error_alert';

const COLUMN_WIDTH = 120; // pixels, at least: narrower columns break words

interface Props<T> {
  title: string;
  noun: string; // "backup": of filters and labels
  loaded: Pick<Loaded<unknown>, 'loading' | 'error' | 'at' | 'refresh'>;
  items: T[] | undefined; // undefined: not there yet
  columns: TableProps.ColumnDefinition<T>[];
  id: (item: T) => string;
  empty: ReactNode;
  actions?: ReactNode;
  selection?: 'single' | 'multi';
  selected?: T[];
  onSelect?: (items: T[]) => void;
  pageSize?: number;
  total?: number; // how many there are, if `items` are only the first of them
  description?: ReactNode;
}

function AsOf({ loaded, nouns }: { loaded: Props<unknown>['loaded']; nouns: string }) {
  const { settings } = useSettings();
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      {loaded.at && <Box variant="small">as of {timeText(loaded.at, settings.localTime).slice(11)}</Box>}
      <Button iconName="refresh" ariaLabel={`Refresh ${nouns}`} loading={loaded.loading} onClick={loaded.refresh} />
    </SpaceBetween>
  );
}

function counterText(count: number, total = count): string {
  return total > count ? `(${countText(count)} of ${countText(total)})` : `(${countText(count)})`;
}

export function DataTable<T>(props: Props<T>) {
  const { noun, loaded, id, selected = [] } = props;
  const nouns = pluralOf(noun);
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount, actions } = useCollection(
    props.items ?? [],
    {
      filtering: {
        empty: (
          <Box textAlign="center" padding="m">
            {props.empty}
          </Box>
        ),
        noMatch: (
          <SpaceBetween size="s">
            <span>No {noun} matches the filter.</span>
            <Button onClick={() => actions.setFiltering('')}>Clear filter</Button>
          </SpaceBetween>
        ),
      },
      pagination: { pageSize: props.pageSize ?? 20 },
      sorting: {},
    },
  );
  if (loaded.error && !props.items) return <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />;
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      <Table<T>
        {...collectionProps}
        items={items as T[]}
        columnDefinitions={props.columns.map((column) => ({ minWidth: COLUMN_WIDTH, ...column }))}
        trackBy={id}
        loading={!props.items}
        loadingText={`Loading ${nouns}`}
        variant="container"
        wrapLines
        selectionType={props.selection}
        selectedItems={selected.filter((one) => props.items?.some((item) => id(item) === id(one)))}
        onSelectionChange={({ detail }) => props.onSelect?.(detail.selectedItems)}
        ariaLabels={{
          tableLabel: props.title,
          selectionGroupLabel: `Selection of ${nouns}`,
          allItemsSelectionLabel: () => `Select all ${nouns}`,
          itemSelectionLabel: (_, item) => `Select ${id(item)}`,
        }}
        header={
          <Header
            variant="h2"
            counter={props.items && counterText(props.items.length, props.total)}
            description={props.description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <AsOf loaded={loaded} nouns={nouns} />
                {props.actions}
              </SpaceBetween>
            }
          >
            {props.title}
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringAriaLabel={`Filter ${nouns}`}
            filteringPlaceholder={`Find ${nouns}`}
            countText={`${countText(filteredItemsCount ?? 0)} found`}
          />
        }
        pagination={<Pagination {...paginationProps} />}
      />
    </SpaceBetween>
  );
}

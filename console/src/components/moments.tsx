// When most was deleted or overwritten, and by whom: "just before this" is usually what one looks for.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useApi } from '../api/clients';
import type { Moment } from '../api/operations';
import { useLoad } from '../hooks/load';
import { ErrorAlert } from './error_alert';
import { Time, countText } from './format';

const NOUNS = { DELETE: 'deletions', OVERWRITE: 'overwrites' };

export function Moments({ table, onChoose }: { table: string; onChoose: (at: Date, moment: Moment) => void }) {
  const api = useApi();
  const loaded = useLoad(() => api.tidemark('ListMoments', { TableName: table, Limit: 5 }), [api, table]);
  if (loaded.error) return <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />;
  return (
    <Table
      variant="embedded"
      items={loaded.value?.Moments ?? []}
      loading={!loaded.value}
      loadingText="Looking for moments"
      trackBy={(moment) => `${moment.Kind}${moment.First}${moment.AccessKeyId}`}
      ariaLabels={{ tableLabel: 'When most was deleted or overwritten' }}
      header={
        <Header
          variant="h3"
          description="The largest deletions and overwrites of the whole window, and who did them."
        >
          Moments
        </Header>
      }
      empty={<Box>Nothing was deleted or overwritten.</Box>}
      columnDefinitions={[
        {
          id: 'what',
          header: 'What',
          isRowHeader: true,
          cell: (moment) => `${countText(moment.Count)} ${moment.Kind === 'DELETE' ? 'deleted' : 'overwritten'}`,
        },
        { id: 'first', header: 'From', cell: (moment) => <Time at={moment.First} /> },
        { id: 'last', header: 'To', cell: (moment) => <Time at={moment.Last} /> },
        { id: 'who', header: 'Access key', cell: (moment) => moment.AccessKeyId ?? 'the server' },
        {
          id: 'go',
          header: 'Instant',
          minWidth: 150,
          cell: (moment) => (
            <Button
              formAction="none"
              variant="inline-link"
              ariaLabel={`Just before this: ${countText(moment.Count)} ${NOUNS[moment.Kind]}`}
              onClick={() => onChoose(new Date(moment.JustBefore), moment)}
            >
              Just before this
            </Button>
          ),
        },
      ]}
    />
  );
}

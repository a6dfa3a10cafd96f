// When most was deleted or overwritten, and by whom: "just before this" is usually what one looks for.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useApi } from '../api/clients';
import type { Moment } from '../api/operations';
import { useLoad } from '../hooks/load';
import { ErrorAlert } from './error_alert';
import { Time, countOf, countText, durationText } from './format';

const NOUNS = { DELETE: 'deletions', OVERWRITE: 'overwrites' };

// ", within 12 s"
function lasted({ First: first, Last: last }: Moment): string {
  const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
  return seconds < 1 ? '' : `, within ${durationText(Math.ceil(seconds))}`;
}

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
        <Header variant="h3" description="The largest of the whole recovery window, and who did them.">
          What was deleted or overwritten
        </Header>
      }
      empty={<Box>Nothing was deleted or overwritten.</Box>}
      columnDefinitions={[
        {
          id: 'go',
          header: 'Go to',
          minWidth: 150,
          isRowHeader: true,
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
        {
          id: 'what',
          header: 'What happened',
          minWidth: 130,
          cell: (moment) =>
            `${countOf(moment.Count, 'item')} ${moment.Kind === 'DELETE' ? 'deleted' : 'overwritten'}`,
        },
        {
          id: 'when',
          header: 'When',
          minWidth: 210,
          cell: (moment) => (
            <>
              <Time at={moment.First} />
              {lasted(moment)}
            </>
          ),
        },
        {
          id: 'who',
          header: 'By access key',
          minWidth: 130,
          cell: (moment) => <span className="breakable">{moment.AccessKeyId ?? 'the server'}</span>,
        },
      ]}
    />
  );
}

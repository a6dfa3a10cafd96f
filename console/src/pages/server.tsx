// The state of the server, from its figures (/metrics), which need no signature.
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Figures } from '../api/figures';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time, countText, durationText } from '../components/format';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';

const CATALOG = '_system'; // where the server keeps its own records, not a Region to use

async function readServer() {
  const [ready, metrics] = await Promise.all([
    fetch('/readyz', { cache: 'no-store' }),
    fetch('/metrics', { cache: 'no-store' }),
  ]);
  return {
    ready: ready.ok,
    reason: (await ready.text()).trim(),
    figures: new Figures(await metrics.text()),
    at: Date.now() / 1000,
  };
}

export default function ServerPage() {
  const loaded = useLoad(readServer, [], { busy: () => true });
  const { figures, ready, reason, at = 0 } = loaded.value ?? {};
  const one = (name: string) => figures?.sum(name) ?? 0;
  const requests = (status: string) => countText(figures?.sum('tidemark_requests_total', { status }) ?? 0);
  const started = one('tidemark_process_start_time_seconds');
  return (
    <Page
      title="Server"
      crumbs={[]}
      description={
        <Link href="/metrics" external>
          All figures, for Prometheus
        </Link>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {figures && (
        <Container header={<Header variant="h2">State</Header>}>
          <KeyValuePairs
            columns={4}
            items={[
              {
                label: 'Serving',
                value: ready ? (
                  <StatusIndicator type="success">Takes writes</StatusIndicator>
                ) : (
                  <StatusIndicator type="error">{reason}</StatusIndicator>
                ),
              },
              { label: 'Started', value: <Time at={new Date(started * 1000)} /> },
              { label: 'Up for', value: durationText(at - started) },
              { label: 'Memory', value: <Size bytes={one('tidemark_process_resident_memory_bytes')} /> },
              { label: 'Requests done', value: requests('2xx') },
              { label: 'Requests refused', value: requests('4xx') },
              { label: 'Requests failed', value: requests('5xx') },
              { label: 'Connections', value: countText(one('tidemark_connections_open')) },
            ]}
          />
        </Container>
      )}
      <DataTable
        title="Regions"
        noun="region"
        loaded={loaded}
        items={figures?.valuesOf('tidemark_writable', 'region').filter((region) => region !== CATALOG)}
        id={(region) => region}
        columns={[
          { id: 'region', header: 'Region', isRowHeader: true, minWidth: 130, cell: (region) => region },
          {
            id: 'writable',
            header: 'Takes writes',
            cell: (region) => (figures?.sum('tidemark_writable', { region }) ? 'Yes' : 'No'),
          },
          {
            id: 'tables',
            header: 'Tables',
            cell: (region) => countText(figures?.sum('tidemark_tables', { region }) ?? 0),
          },
          {
            id: 'fenced',
            header: 'Tables that take no writes',
            cell: (region) => countText(figures?.sum('tidemark_fenced_tables', { region }) ?? 0),
          },
          {
            id: 'log',
            header: 'Log',
            cell: (region) => <Size bytes={figures?.sum('tidemark_log_bytes', { region })} />,
          },
          {
            id: 'debt',
            header: 'History not sorted yet',
            cell: (region) => <Size bytes={figures?.sum('tidemark_archive_debt_bytes', { region })} />,
          },
          {
            id: 'runs',
            header: 'History',
            cell: (region) => <Size bytes={figures?.sum('tidemark_archive_run_bytes', { region })} />,
          },
          {
            id: 'free',
            header: 'Disk free',
            cell: (region) => <Size bytes={figures?.sum('tidemark_disk_free_bytes', { region })} />,
          },
          {
            id: 'commit',
            header: 'Last commit',
            cell: (region) => {
              const time = figures?.sum('tidemark_last_commit_timestamp_seconds', { region });
              return <Time at={time ? new Date(time * 1000) : undefined} />;
            },
          },
        ]}
        empty="No Region holds data yet."
      />
    </Page>
  );
}

// The last step of a restore: what will be done, and the same as a command.
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { extrasText } from '../api/carry_over';
import { useApi } from '../api/clients';
import { ErrorAlert } from '../components/error_alert';
import { Estimate } from '../components/estimate';
import { Size, Time } from '../components/format';
import { Money } from '../components/money';
import { ShowAs } from '../components/show_as';
import type { RestoreRequest } from './restore';
import type { Settings } from './restore_settings';
import { type Source, Untouched } from './restore_source';

interface Props {
  source: Source;
  at: Date;
  settings: Settings;
  request: RestoreRequest;
  error: unknown;
}

export function ReviewStep({ source, at, settings, request, error }: Props) {
  const { session } = useApi();
  const elsewhere = settings.region !== session.region;
  const indexes = { all: 'All', none: 'None', chosen: settings.chosen.join(', ') || 'None' }[settings.indexes];
  return (
    <SpaceBetween size="l">
      <Untouched />
      <Container header={<Header variant="h2">Restore</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Name of restored table', value: settings.name },
            { label: 'Region', value: settings.region },
            {
              label: 'From',
              value: source.backupName ? `Backup ${source.backupName} of ${source.table}` : `Table ${source.table}`,
            },
            { label: 'As of', value: <Time at={source.backupName ? source.created : at} /> },
            { label: 'Size of the source', value: <Size bytes={source.details.bytes} /> },
            { label: 'Secondary indexes', value: indexes },
            { label: 'Set when the table is there', value: extrasText(settings.extras) },
            { label: 'Billing mode', value: settings.billing === 'same' ? 'As the source' : 'On-demand' },
          ]}
        />
        <Estimate of={{ TableName: source.table, SizeBytes: source.details.bytes }}>
          {({ Restore }) => (
            <>
              <Money amount={elsewhere ? Restore.CostIntoOtherRegion : Restore.Cost} /> for this restore
            </>
          )}
        </Estimate>
      </Container>
      <ErrorAlert error={error} />
      <ShowAs operation={request.operation} input={request.input} region={settings.region} />
    </SpaceBetween>
  );
}

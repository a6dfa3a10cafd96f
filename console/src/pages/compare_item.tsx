// One item at two instants, attribute by attribute, side by side.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { type Api, useApi } from '../api/clients';
import { fromWire, keyText, toWire, valueText } from '../api/items';
import type { WireItem } from '../api/operations';
import { type Instants, readFrom } from '../api/past';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { useLoad } from '../hooks/load';

async function itemAt(api: Api, table: string, key: WireItem, at: Date | undefined): Promise<WireItem> {
  const command = new GetItemCommand({ TableName: table, Key: fromWire(key) });
  const { Item: item } = await api.dynamodb.send(readFrom(command, at));
  return item ? toWire(item) : {};
}

interface Row {
  name: string;
  then: string;
  later: string;
}

function rowsOf(then: WireItem, later: WireItem): Row[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(later)])].sort();
  return names.map((name) => ({ name, then: valueText(then[name]), later: valueText(later[name]) }));
}

function Value({ text, changed }: { text: string; changed: boolean }) {
  return (
    <Box variant={changed ? 'strong' : 'span'}>
      <span className="breakable">{text || '-'}</span>
    </Box>
  );
}

interface Props {
  table: string;
  itemKey: WireItem;
  instants: Instants;
  onClose: () => void;
}

export function CompareItem({ table, itemKey, instants, onClose }: Props) {
  const api = useApi();
  const { from, until } = instants;
  const loaded = useLoad(
    () => Promise.all([itemAt(api, table, itemKey, from), itemAt(api, table, itemKey, until)]),
    [],
  );
  const [then, later] = loaded.value ?? [];
  const isChanged = (row: Row) => row.then !== row.later;
  return (
    <Modal
      visible
      size="large"
      header={`${keyText(itemKey)}, side by side`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        </Box>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {!loaded.value && !loaded.error && <Spinner />}
      {then && later && (
        <Table
          variant="embedded"
          wrapLines
          items={rowsOf(then, later)}
          trackBy="name"
          ariaLabels={{ tableLabel: 'The item at both instants' }}
          empty="The item was at neither of them."
          columnDefinitions={[
            { id: 'name', header: 'Attribute', isRowHeader: true, cell: (row) => row.name },
            {
              id: 'then',
              header: <Time at={from} />,
              cell: (row) => <Value text={row.then} changed={isChanged(row)} />,
            },
            {
              id: 'later',
              header: until ? <Time at={until} /> : 'Now',
              cell: (row) => <Value text={row.later} changed={isChanged(row)} />,
            },
          ]}
        />
      )}
    </Modal>
  );
}

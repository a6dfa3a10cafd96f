import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { useApi } from '../api/clients';
import { fromWire, keyText } from '../api/items';
import type { WireItem } from '../api/operations';
import { mapSome, recovery } from '../api/tables';
import { countOf } from '../components/format';
import { useLoad } from '../hooks/load';
import { TypedConfirm } from '../components/typed_confirm';

interface Props {
  table: string;
  keys: WireItem[];
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteItems({ table, keys, onClose, onDeleted }: Props) {
  const api = useApi();
  const pitr = useLoad(() => recovery(api, table), [api, table]);
  const remove = async () => {
    await mapSome(keys, (key) => api.dynamodb.send(new DeleteItemCommand({ TableName: table, Key: fromWire(key) })));
    onDeleted();
  };
  return (
    <TypedConfirm
      title={`Delete ${countOf(keys.length, 'item')}?`}
      word="delete"
      action="Delete"
      warning={
        pitr.value === undefined
          ? 'Without point-in-time recovery they are gone for good.'
          : pitr.value.PointInTimeRecoveryStatus === 'ENABLED'
            ? 'Point-in-time recovery is on: the Time machine of the table can bring them back.'
            : 'Point-in-time recovery is off: they will be gone for good, unless a backup has them.'
      }
      onConfirm={remove}
      onClose={onClose}
    >
      <ul>
        {keys.map((key) => (
          <li key={keyText(key)}>{keyText(key)}</li>
        ))}
      </ul>
    </TypedConfirm>
  );
}

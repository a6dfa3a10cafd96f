import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { useApi } from '../api/clients';
import { fromWire, keyText } from '../api/items';
import type { WireItem } from '../api/operations';
import { mapSome } from '../api/tables';
import { countOf } from '../components/format';
import { TypedConfirm } from '../components/typed_confirm';

interface Props {
  table: string;
  keys: WireItem[];
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteItems({ table, keys, onClose, onDeleted }: Props) {
  const api = useApi();
  const remove = async () => {
    await mapSome(keys, (key) => api.dynamodb.send(new DeleteItemCommand({ TableName: table, Key: fromWire(key) })));
    onDeleted();
  };
  return (
    <TypedConfirm
      title={`Delete ${countOf(keys.length, 'item')}?`}
      word="delete"
      action="Delete"
      warning="With point-in-time recovery on they can be brought back; without it they are gone for good."
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

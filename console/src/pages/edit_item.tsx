// An item as JSON, to change or to make.
import { PutItemCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { fromWire, itemText } from '../api/items';
import type { WireItem } from '../api/operations';
import { isPlainItem, plainItemText, readItem, shownItem } from '../api/plain_json';
import { FormDialog } from '../components/form_dialog';
import { ShowAs } from '../components/show_as';

interface Props {
  table: TableDescription;
  item: WireItem | undefined; // undefined: a new one
  onClose: () => void;
  onSaved: () => void;
}

function template(table: TableDescription): WireItem {
  const attributes = (table.KeySchema ?? []).map(({ AttributeName: name = '' }) => {
    const type = table.AttributeDefinitions?.find((one) => one.AttributeName === name)?.AttributeType ?? 'S';
    return [name, { [type]: type === 'N' ? '0' : '' }];
  });
  return Object.fromEntries(attributes) as WireItem;
}

export function EditItem({ table, item, onClose, onSaved }: Props) {
  const api = useApi();
  const [text, setText] = useState(() => shownItem(item ?? template(table)));
  const { item: edited, plain, problem } = readItem(table, text);
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  // A new item must not replace one unnoticed.
  const input = {
    TableName: table.TableName,
    Item: edited,
    ...(item
      ? {}
      : { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': keys[0] ?? '' } }),
  };
  const save = async () => {
    await api.dynamodb.send(new PutItemCommand({ ...input, Item: fromWire(edited ?? {}) }));
  };
  const turned = edited && (plain ? itemText(edited) : isPlainItem(edited) && plainItemText(edited));
  return (
    <FormDialog
      size="large"
      title={item ? 'Edit item' : 'Create item'}
      action={item ? 'Save changes' : 'Create item'}
      ready={edited !== undefined}
      onSubmit={save}
      onDone={onSaved}
      onClose={onClose}
      explain={{
        ConditionalCheckFailedException:
          'There is an item with this key already. Edit that one, or take another key.',
        SerializationException: 'In DynamoDB JSON each value has its type, such as {"S": "text"} or {"N": "12"}.',
      }}
    >
      <SpaceBetween size="xs">
        <FormField
          label="Item"
          constraintText={
            'Plain JSON, such as {"name": "text", "count": 7}; or DynamoDB JSON, which has types: ' +
            '{"name": {"S": "text"}, "count": {"N": "7"}}'
          }
          errorText={problem}
          stretch
        >
          <Textarea value={text} rows={14} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
        </FormField>
        <Button formAction="none" variant="inline-link" disabled={!turned} onClick={() => turned && setText(turned)}>
          {plain ? 'Write it as DynamoDB JSON' : 'Write it as plain JSON'}
        </Button>
      </SpaceBetween>
      {edited && <ShowAs operation="PutItem" input={input} />}
    </FormDialog>
  );
}

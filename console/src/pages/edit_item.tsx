// An item as DynamoDB's JSON, to change or to make.
import { PutItemCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { fromWire, itemText } from '../api/items';
import type { WireItem } from '../api/operations';
import { ErrorAlert } from '../components/error_alert';
import { ShowAs } from '../components/show_as';
import { useAct } from '../hooks/load';

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

function parsed(text: string): { item?: WireItem; problem?: string } {
  try {
    const item: unknown = JSON.parse(text);
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      return { problem: 'An item is a JSON object.' };
    return { item: item as WireItem };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

export function EditItem({ table, item, onClose, onSaved }: Props) {
  const api = useApi();
  const [text, setText] = useState(() => itemText(item ?? template(table)));
  const { item: edited, problem } = parsed(text);
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  // A new item must not replace one unnoticed.
  const input = {
    TableName: table.TableName,
    Item: edited,
    ...(item
      ? {}
      : { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': keys[0] ?? '' } }),
  };
  const act = useAct(async () => {
    await api.dynamodb.send(new PutItemCommand({ ...input, Item: fromWire(edited ?? {}) }));
    onSaved();
    onClose();
  });
  return (
    <Modal
      visible
      size="large"
      header={item ? 'Edit item' : 'Create item'}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!edited} loading={act.running} onClick={() => void act.run()}>
              {item ? 'Save changes' : 'Create item'}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Item"
          constraintText='DynamoDB JSON: each value with its type, such as {"S": "text"} or {"N": "12"}'
          errorText={problem}
          stretch
        >
          <Textarea value={text} rows={14} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
        </FormField>
        {edited && <ShowAs operation="PutItem" input={input} />}
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
  );
}

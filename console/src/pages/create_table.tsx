import { CreateTableCommand, type ScalarAttributeType } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { turnRecoveryOn, untilActive } from '../api/tables';
import { FormDialog } from '../components/form_dialog';
import { ShowAs } from '../components/show_as';

const TYPES = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
];

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

interface Key {
  name: string;
  type: string;
}

function KeyFields({ label, value, onChange }: { label: string; value: Key; onChange: (key: Key) => void }) {
  return (
    <SpaceBetween direction="horizontal" size="s">
      <FormField label={label}>
        <Input
          value={value.name}
          onChange={({ detail }) => onChange({ ...value, name: detail.value })}
          spellcheck={false}
        />
      </FormField>
      <FormField label="Type">
        <Select
          ariaLabel={`Type of the ${label.toLowerCase()}`}
          options={TYPES}
          selectedOption={TYPES.find(({ value: type }) => type === value.type) ?? null}
          onChange={({ detail }) => onChange({ ...value, type: detail.selectedOption.value ?? 'S' })}
        />
      </FormField>
    </SpaceBetween>
  );
}

export function CreateTable({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [partition, setPartition] = useState<Key>({ name: '', type: 'S' });
  const [sort, setSort] = useState<Key>({ name: '', type: 'S' });
  const [protect, setProtect] = useState(true);
  const keys = sort.name ? [partition, sort] : [partition];
  const input = {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: keys.map((key) => ({
      AttributeName: key.name,
      AttributeType: key.type as ScalarAttributeType,
    })),
    KeySchema: keys.map((key, at) => ({
      AttributeName: key.name,
      KeyType: at ? ('RANGE' as const) : ('HASH' as const),
    })),
  };
  const create = async () => {
    await api.dynamodb.send(new CreateTableCommand(input));
    onCreated();
    await untilActive(api, name);
    if (protect) await turnRecoveryOn(api, name);
  };
  const nameError = name === '' || NAME.test(name) ? undefined : '3 to 255 characters: letters, digits, _ - .';
  return (
    <FormDialog
      title="Create table"
      action="Create table"
      ready={NAME.test(name) && partition.name !== '' && partition.name !== sort.name}
      onSubmit={create}
      onDone={onCreated}
      onClose={onClose}
    >
      <FormField
        label="Table name"
        constraintText="3 to 255 characters: letters, digits, _ - ."
        errorText={nameError}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <Box color="text-body-secondary">
        The key names an item. With a sort key too, items of one partition key are read together, in its order.
      </Box>
      <KeyFields label="Partition key" value={partition} onChange={setPartition} />
      <KeyFields label="Sort key (optional)" value={sort} onChange={setSort} />
      <Checkbox
        checked={protect}
        onChange={({ detail }) => setProtect(detail.checked)}
        description="Any commit of the last 35 days can be restored. It costs disk; writes cost the same."
      >
        Point-in-time recovery
      </Checkbox>
      <ShowAs operation="CreateTable" input={input} />
    </FormDialog>
  );
}
